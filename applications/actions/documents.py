"""Asking for documents: outbox rows written with the change that makes them necessary."""

from applications.models import Submission
from qcportal import outbox

QUEUE = "documents"


def request(submission: Submission) -> None:
    """Packet and judges' copy of ``submission``, and the enterprise's paper set, will be built."""
    outbox.add("packet.build", f"packet:{submission.pk}", {"submission": submission.pk}, queue=QUEUE)
    request_round_documents(submission)


def request_round_documents(submission: Submission) -> None:
    """The enterprise's paper set of the round will be built again, as of this submission.

    The electronic folder may be gigabytes and is built when somebody asks for it.
    """
    application = submission.application
    payload = {"enterprise": application.enterprise_id, "round": application.round_id}
    # Keyed by the change, not by the set: a change during a build must lead to another build.
    key = f"paperset.build:{submission.pk}:{application.state}"
    outbox.add("paperset.build", key, payload, queue=QUEUE, priority=6)
