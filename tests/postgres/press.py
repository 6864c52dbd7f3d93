"""Presses the submit button from a process of its own: python -m tests.postgres.press UUID USERNAME EPOCH."""

import sys
import time


def main(uuid: str, username: str, epoch: str) -> None:
    import django

    django.setup()
    from applications.actions.submission import submit
    from applications.models import Application
    from qcportal import clock
    from qcportal.models import User

    application, actor = Application.objects.get(uuid=uuid), User.objects.get(username=username)
    time.sleep(max(0.0, float(epoch) - time.time()))
    version = submit(
        application,
        actor=actor,
        confirmations={"truthful": "2026-1", "members_informed": "2026-1"},
        arrived_at=clock.now(),
    )
    sys.stdout.write(f"{version.version} {version.code}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
