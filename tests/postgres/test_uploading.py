"""A real web process is killed in the middle of an upload, between parts and inside one; the upload goes on."""

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Thread

import pytest
from django.conf import settings
from django.test import Client

from applications.models import Evidence, Upload, UploadPart
from qcportal import files
from tests import factories
from tests.applications.test_uploads import document
from tests.processes import ROOT, wait_for

PART = 512 * 1024


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Web:
    """gunicorn with two workers in a process group of its own: killed, nothing of it gets to clean up."""

    def __init__(self, environment: dict[str, str], log) -> None:
        self.port = free_port()
        # The same secret, so that a session of this test is one there.
        more = {"PORT": str(self.port), "HOST": "127.0.0.1", "WEB_WORKERS": "2", "SECRET_KEY": settings.SECRET_KEY}
        environment = {**environment, **more}
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "script/gunicorn.conf.py"],
                cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        wait_for(lambda: self.answers(), 60, "the web process answering")

    def answers(self) -> bool:
        with suppress(OSError):
            return self.request("GET", "/healthz")[0] == 200
        return False

    def request(self, method, path, body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start_web(environment, tmp_path):
    running = []

    def start() -> Web:
        web = Web(environment, tmp_path / "web.log")
        running.append(web)
        return web

    yield start
    for web in running:
        web.kill()


class Sender:
    """A browser that is logged in and keeps its cookies, whichever web process answers."""

    def __init__(self, person, filing) -> None:
        client = Client()
        client.force_login(person)
        token = "a" * 32
        self.headers = {
            "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
            "X-CSRFToken": token,
            "Accept": "application/json",
        }
        self.base = f"/applications/{filing.uuid}/uploads/"

    def post(self, web, path, body=b"", content_type="application/octet-stream"):
        status, answer = web.request("POST", self.base + path, body, {**self.headers, "Content-Type": content_type})
        return status, json.loads(answer)

    def start(self, web, content):
        form = f"name=report.pdf&kind=report&fingerprint=abc&size={len(content)}".encode()
        return self.post(web, "", form, "application/x-www-form-urlencoded")


def send_half_a_part(web, sender, upload, offset, part):
    """Half of the body leaves, then the process is killed while it reads."""
    connection = socket.create_connection(("127.0.0.1", web.port))
    head = [f"POST {sender.base}{upload}/?offset={offset} HTTP/1.1", f"Host: 127.0.0.1:{web.port}"]
    head += [f"{name}: {value}" for name, value in sender.headers.items()]
    head += ["Content-Type: application/octet-stream", f"Content-Length: {len(part)}", "", ""]
    connection.sendall("\r\n".join(head).encode() + part[: len(part) // 2])
    web.kill()
    connection.close()


def send_the_rest(start_web, web, sender, upload, content, offset):
    """Once, at a moment nobody chose, the process is killed while it answers."""
    killer = None
    while offset < len(content):
        if killer is None and offset >= 6 * PART:
            killer = Thread(target=web.kill)
            killer.start()
        try:
            offset = sender.post(web, f"{upload}/?offset={offset}", content[offset : offset + PART])[1]["offset"]
        except (OSError, http.client.HTTPException):
            killer.join()
            web = start_web()
            offset = sender.start(web, content)[1]["offset"]
    killer.join()
    return web if web.process.poll() is None else start_web()


def test_killing_the_web_process_in_an_upload_costs_at_most_one_part(start_web):
    owner = factories.enterprise_owner()
    filing = factories.draft(owner)
    content, sender = document(5 * 1024 * 1024 + 12_345), Sender(owner, filing)
    web = start_web()
    status, begun = sender.start(web, content)
    assert (status, begun["offset"]) == (201, 0)
    upload = begun["upload"]
    for offset in (0, PART):
        assert sender.post(web, f"{upload}/?offset={offset}", content[offset : offset + PART])[0] == 200
    web.kill()  # between two parts

    web = start_web()
    status, found = sender.start(web, content)  # what the page does after a reload
    assert (status, found["upload"], found["offset"]) == (200, upload, 2 * PART)
    send_half_a_part(web, sender, upload, 2 * PART, content[2 * PART : 3 * PART])

    web = start_web()
    assert sender.start(web, content)[1]["offset"] == 2 * PART  # the half part is not there, what was answered is
    web = send_the_rest(start_web, web, sender, upload, content, 2 * PART)
    assert Upload.objects.get().received == len(content)
    first, second = sender.post(web, f"{upload}/complete/"), sender.post(web, f"{upload}/complete/")
    assert first[0] == 200
    assert first == second
    item = Evidence.objects.get()
    assert item.file_id == hashlib.sha256(content).hexdigest()
    assert files.read(item.file) == content
    assert not UploadPart.objects.exists()


def test_complete_sent_to_two_processes_at_once_makes_one_piece_of_evidence(start_web):
    owner = factories.enterprise_owner()
    filing = factories.draft(owner)
    content, sender = document(2 * 1024 * 1024), Sender(owner, filing)
    web = start_web()
    upload = sender.start(web, content)[1]["upload"]
    for offset in range(0, len(content), PART):
        sender.post(web, f"{upload}/?offset={offset}", content[offset : offset + PART])
    answers = []
    presses = [Thread(target=lambda: answers.append(sender.post(web, f"{upload}/complete/"))) for _ in range(4)]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    item = Evidence.objects.get()
    assert {(status, answer.get("evidence")) for status, answer in answers} == {(200, str(item.uuid))}


def test_parts_of_one_offset_from_two_browsers_are_taken_once(start_web):
    owner = factories.enterprise_owner()
    filing = factories.draft(owner)
    content, sender = document(2 * 1024 * 1024), Sender(owner, filing)
    web = start_web()
    upload = sender.start(web, content)[1]["upload"]
    for offset in range(0, len(content), PART):
        presses = [
            Thread(target=sender.post, args=(web, f"{upload}/?offset={offset}", content[offset : offset + PART]))
            for _ in range(3)
        ]
        for press in presses:
            press.start()
        for press in presses:
            press.join()
    assert UploadPart.objects.count() == -(-len(content) // PART)
    assert sender.post(web, f"{upload}/complete/")[0] == 200
    assert Evidence.objects.get().file_id == hashlib.sha256(content).hexdigest()
