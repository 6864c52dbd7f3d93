"""Asking for documents: outbox rows written with the change that makes them necessary."""

from applications.models import Submission
from qcportal import outbox

QUEUE = "documents"


def request(submission: Submission) -> None:
    """Packet and judges' copy of ``submission``, and the enterprise's paper set and bundle, will be built."""
    outbox.add("packet.build", f"packet:{submission.pk}", {"submission": submission.pk}, queue=QUEUE)
    request_round_documents(submission)


def request_round_documents(submission: Submission) -> None:
    """The enterprise's paper set and bundle of the round will be built again, as of this submission."""
    application = submission.application
    payload = {"enterprise": application.enterprise_id, "round": application.round_id}
    for topic in ("paperset.build", "bundle.build"):
        # Keyed by the change, not by the set: a change during a build must lead to another build.
        key = f"{topic}:{submission.pk}:{application.state}"
        outbox.add(topic, key, payload, queue=QUEUE, priority=6)
