"""Does one row of the outbox in a process of its own, as a worker does: python -m tests.postgres.deliver ROW."""

import sys


def main(row: str) -> None:
    import django

    django.setup()
    from qcportal import outbox, tasks

    assert tasks.deliver.name == outbox.DELIVER_TASK  # importing the tasks registers the handlers
    sys.stdout.write(outbox.deliver(int(row)))


if __name__ == "__main__":
    main(*sys.argv[1:])
