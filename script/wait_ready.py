"""Waits up to 60 s until the portal answers with nothing degraded, then prints its address.

Usage: wait_ready.py SUPERVISOR_PID. Exit code 1 when it never answered.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

SECONDS = 60


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def state(base: str, name: str) -> list[str] | None:
    """What is degraded; None while the portal does not answer or is not ready."""
    request = urllib.request.Request(f"{base}/readyz", headers={"Host": name, "X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return list(json.load(answer).get("degraded", []))
    except urllib.error.HTTPError as error:
        return ["/readyz"] if error.code == 404 else None
    except (OSError, ValueError):
        return None


def main() -> int:
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    own = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    base = f"http://{own}:{port}"
    name = urlsplit(os.environ.get("SITE_URL", "")).hostname or "127.0.0.1"
    # Straight to this machine, whatever proxy the environment names.
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    end = time.monotonic() + SECONDS
    degraded: list[str] | None = None
    while time.monotonic() < end and is_running(int(sys.argv[1])):
        degraded = state(base, name)
        if degraded in ([], ["/readyz"]):
            break
        time.sleep(0.3)
    if not is_running(int(sys.argv[1])):
        return 1
    if degraded is None:
        print(f"error: the portal did not get ready within {SECONDS} s; it goes on trying, see its logs.")
        return 1
    if degraded:
        print(f"warning: not working yet: {', '.join(degraded)}")
    print(f"The portal runs at {os.environ.get('SITE_URL') or base + '/'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
