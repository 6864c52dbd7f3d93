import pytest

pytest_plugins = ["tests.people"]


@pytest.fixture(autouse=True)
def _plain_test_settings(settings, tmp_path):
    """Files in a folder of the test's own, cheap hashing, a broker that refuses at once."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
