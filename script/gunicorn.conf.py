"""Web server settings, for script/server and for a host of its own: gunicorn -c script/gunicorn.conf.py."""

import ctypes
import os
import signal
from typing import Any

wsgi_app = "qcportal.wsgi:application"
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_WORKERS") or "2")
worker_class = "sync"
# Heartbeat files: a slow disk must not kill a worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
timeout = 60
graceful_timeout = 10
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
accesslog = None
control_socket_disable = True

PR_SET_PDEATHSIG = 1


def post_fork(_server: Any, _worker: Any) -> None:
    """A worker ends with its master even when that is killed outright, and so frees the port at once."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
