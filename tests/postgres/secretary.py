"""A secretary at work in a process of its own: python -m tests.postgres.secretary USERNAME EPOCH ODD_OR_EVEN.

Presses 下一件 until nothing is left; begins the check of each, writes a remark with its own name into it twice, and
decides every second one. Prints the file numbers that were claimed, in order.
"""

import sys
import time


def main(username: str, epoch: str, parity: str) -> None:
    import django

    django.setup()
    from applications.actions import checking, claiming
    from applications.models import Application
    from qcportal.models import User

    actor = User.objects.get(username=username)
    time.sleep(max(0.0, float(epoch) - time.time()))
    while (application := claiming.claim_next(Application.objects.all(), actor=actor)) is not None:
        sys.stdout.write(f"{application.file_number}\n")
        check = checking.start_check(application, actor=actor)
        remarks = [checking.RemarkText("topic_name", f"{username} 看过 {application.file_number}")]
        checking.save_check(check, actor=actor, answers={}, note="", remarks=remarks)
        remarks.append(checking.RemarkText("group_name", f"{username} 再看 {application.file_number}"))
        checking.save_check(check, actor=actor, answers={}, note=username, remarks=remarks)
        if int(application.file_number[-1]) % 2 == int(parity):
            checking.defer(check, actor=actor, reason="下一期再报")


if __name__ == "__main__":
    main(*sys.argv[1:])
