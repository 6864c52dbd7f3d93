"""Fixtures: real PostgreSQL, a real Redis that can be stopped, real worker processes that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def wait_for(condition, seconds: float, what: str):
    """The first true value of ``condition()``, asked every 0.2 s; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    pytest.fail(f"{what} did not happen within {seconds} s")


class Redis:
    """The server behind REDIS_URL's socket: started when it is not there, stopped and started at will."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.process: subprocess.Popen | None = None

    def cli(self, *words: str) -> str:
        done = subprocess.run(["redis-cli", "-s", str(self.socket), *words], capture_output=True, text=True)
        return done.stdout.strip()

    def start(self) -> None:
        if self.cli("ping") == "PONG":
            return
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        wait_for(lambda: self.cli("ping") == "PONG", 10, "redis answering")

    def stop(self) -> None:
        self.cli("shutdown", "nosave")
        wait_for(lambda: self.cli("ping") != "PONG", 10, "redis stopping")
        if self.process is not None:
            self.process.wait()
            self.process = None


class Worker:
    """A Celery worker process in a process group of its own, so that SIGKILL takes its children with it."""

    def __init__(self, environment: dict[str, str], log: Path, queues: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "qcportal", "worker", "-Q", queues,
                 "-c", "1", "-n", f"test-{time.time_ns()}@localhost", "--loglevel", "INFO"],
                cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        wait_for(lambda: b" ready." in log.read_bytes(), 60, "worker starting")

    def kill(self) -> None:
        """SIGKILL to the worker and its children: nothing of it gets to clean up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Web:
    """A gunicorn of its own port in a process group of its own, on the database and files of ``environment``."""

    def __init__(self, environment: dict[str, str], log: Path, workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {"DJANGO_SETTINGS_MODULE": "qcportal.settings", "PORT": str(self.port), "WEB_WORKERS": str(workers)}
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "script/gunicorn.conf.py"],
                cwd=ROOT, env={**environment, **own}, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self._wait(60)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the web process on port {self.port} did not answer within {seconds} s")

    def kill(self) -> None:
        """SIGKILL to the server and its workers: nothing of it gets to clean up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def redis():
    if not django_settings.REDIS_URL.startswith("unix://"):
        pytest.skip("the Redis under test must be a socket of its own")
    server = Redis(Path(django_settings.REDIS_URL.removeprefix("unix://").split("?")[0]))
    server.start()
    server.cli("flushall")
    yield server
    server.start()
    server.cli("flushall")
    if server.process is not None:
        server.stop()


@pytest.fixture
def environment(transactional_db, settings, tmp_path):
    """The environment in which another process works on this test's database and files."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL (DATABASE_URL)")
    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    settings.MEDIA_ROOT = tmp_path / "home" / "files"
    return {
        **os.environ,
        "QCPORTAL_MODE": "test",
        "QCPORTAL_HOME": str(tmp_path / "home"),
        "DATABASE_URL": f"postgresql://{database['USER']}:{quote(database['PASSWORD'])}@/{database['NAME']}"
        f"?host={host}&port={database['PORT']}",
        "REDIS_URL": django_settings.REDIS_URL,
        "SECRET_KEY": django_settings.SECRET_KEY,
    }


@pytest.fixture
def start_worker(environment, redis, tmp_path):
    """Call it to get a running Worker, of all queues or of those named; all are killed at the end."""
    workers = []

    def start(*, queues: str = "default,scans,documents,mail", **extra: str) -> Worker:
        worker = Worker({**environment, **extra}, tmp_path / f"worker-{len(workers)}.log", queues)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()


@pytest.fixture
def start_web(environment, tmp_path):
    """Call it to get a running Web; all are killed at the end."""
    started: list[Web] = []

    def start() -> Web:
        started.append(Web(environment, tmp_path / f"web-{len(started)}.log"))
        return started[-1]

    yield start
    for web in started:
        web.kill()
