"""A limit per visitor's address, kept in the cache: without Redis nothing is counted and nobody is refused."""

from django.core.cache import cache
from django.http import HttpRequest

from qcportal import clock
from qcportal.middleware import client_ip


def allowed(request: HttpRequest, name: str, *, per_minute: int) -> bool:
    """False from the ``per_minute`` + 1st call of one address within one clock minute."""
    key = f"rate:{name}:{client_ip(request)}:{clock.now():%Y%m%d%H%M}"
    if cache.add(key, 1, 70):
        return True
    try:
        return cache.incr(key) <= per_minute
    except ValueError:  # expired between the two calls
        return True
