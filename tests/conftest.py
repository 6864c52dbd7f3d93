import pytest
from django.conf import settings as django_settings
from hypothesis import settings as hypothesis_settings

from applications import similar

pytest_plugins = ["tests.people", "tests.processes"]


# A busy machine is no failure: properties are about answers, not about milliseconds.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


def pytest_configure():
    # WhiteNoise warns when nothing was collected yet; tests serve no static files from there.
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


MARKED_FOLDERS = {"postgres": pytest.mark.postgres, "e2e": pytest.mark.browser}


def pytest_collection_modifyitems(items):
    for item in items:
        mark = MARKED_FOLDERS.get(item.path.parent.name)
        if mark is not None:
            item.add_marker(mark)


@pytest.fixture(autouse=True)
def _plain_test_settings(settings, tmp_path):
    """Files in a folder of the test's own, cheap hashing, a broker that refuses at once."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    similar.forget()
