"""A secretary at work in a process of its own: python -m tests.postgres.secretary USERNAME EPOCH ODD_OR_EVEN.

Works by the pages, as a person does: presses 下一件并开始审查 until nothing is left, writes a remark with its own name
twice, and decides every second one by the letter. Prints one line a filing: its number, when it was opened and when
it was left.
"""

import sys
import time
from typing import Any


def main(username: str, epoch: str, parity: str) -> None:
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    from django.test import Client
    from django.urls import reverse

    from qcportal.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    client.get(reverse("admin:applications_application_changelist"), {"queue": "waiting"})
    time.sleep(max(0.0, float(epoch) - time.time()))
    while True:
        began = time.time()
        page = client.post(reverse("admin:applications_queue_next"), {"start": "on"}, follow=True)
        if not page.redirect_chain[-1][0].endswith("/check/"):
            return  # back at the list: nothing is left
        number = page.context["application"].file_number
        check(client, page, username, decides=int(number[-1]) % 2 == int(parity))
        sys.stdout.write(f"{number} {began} {time.time()}\n")


def check(client: Any, page: Any, username: str, *, decides: bool) -> None:
    """Two saves of the draft, each from the page as it then is."""
    address, number = page.redirect_chain[-1][0], page.context["application"].file_number
    written = [("topic_name", f"{username} 看过 {number}")]
    for remarks in (written, [*written, ("group_name", f"{username} 再看 {number}")]):
        data = {"action": "save", **typed(page, remarks, note=username)}
        page = client.post(address, data, follow=True)
        assert page.status_code == 200, page.status_code
    if decides:
        data = {**typed(page, remarks, note=username), "outcome": "defer", "reason": "下一期再报", "action": "propose"}
        letter = client.post(address, data, follow=True)
        sent = {"check": letter.context["check"].uuid, "revision": letter.context["check"].revision, "action": "send"}
        answer = client.post(letter.redirect_chain[-1][0], {**sent, **letter.context["form"].initial}, follow=True)
        assert answer.context["application"].state == "deferred"


def typed(page: Any, remarks: list[tuple[str, str]], *, note: str) -> dict[str, Any]:
    rows: dict[str, Any] = {"remarks-TOTAL_FORMS": len(remarks), "remarks-INITIAL_FORMS": 0}
    for place, (target, text) in enumerate(remarks):
        rows |= {f"remarks-{place}-target": target, f"remarks-{place}-text": text}
    return {"check": page.context["check"].uuid, "revision": page.context["revision"], "note": note, **rows}


if __name__ == "__main__":
    main(*sys.argv[1:])
