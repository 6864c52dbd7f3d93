"""Start-up checks of what pip cannot install."""

import ctypes

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def harfbuzz_subset_is_installed(**_kwargs: object) -> list[CheckMessage]:
    """Without this library WeasyPrint falls back to a font subsetter 11-15 times slower."""
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        return [
            Error(
                "libharfbuzz-subset.so.0 is missing: packets would take 11-15 times longer.",
                hint="apt-get install libharfbuzz-subset0",
                id="qcportal.E001",
            )
        ]
    return []


@register(deploy=True)
def receipts_are_signed_with_a_key_of_their_own(**_kwargs: object) -> list[CheckMessage]:
    """A derived key is safe, but changing SECRET_KEY without a fallback would end the verification of old receipts."""
    if settings.RECEIPT_SIGNING_KEYS:
        return []
    return [
        Warning(
            "RECEIPT_SIGNING_KEYS is not set: receipt codes are signed with a key derived from SECRET_KEY.",
            hint="openssl rand -base64 32; keep old SECRET_KEYs in SECRET_KEY_FALLBACKS, or old receipts fail.",
            id="qcportal.W002",
        )
    ]
