"""Formal checks, papers and messages of the filings that got so far."""

from datetime import datetime, timedelta

from django.db import transaction

from applications.models import Application, Evidence, FormalCheck, Message, PaperReceipt, Remark, RemarkReply, Thread
from applications.models.checking import Outcome
from applications.models.programmes import day_end
from applications.states import State
from qcportal.demo.filing import Filed
from qcportal.demo.source import Source
from qcportal.demo.timeline import Season
from qcportal.demo.trail import Trail
from qcportal.models import User

CHECKED = frozenset({State.ACCEPTED, State.IN_REVIEW, State.AWARDED, State.NOT_AWARDED, State.RETURNED})
OPEN_FIELDS = ["benefit_basis", "steps.effect_check", "evidence"]
REMARKS = (
    ("benefit_basis", "效益计算未列出单价和数量，请补充计算过程，并与财务效益证明一致。"),
    ("steps.effect_check", "请补充效果检查的数据来源和统计时间。"),
    ("evidence.benefit", "财务效益证明缺少财务部门盖章页，请重新上传。"),  # on the first page of that file
)
UNFINISHED = "“主要成果”写的是整理中，请写明形成的标准、制度和推广情况。"
REASON = "材料基本完整，效益计算依据和证明需要完善后参评。"


class Desk:
    """The secretariat at work."""

    def __init__(self, source: Source, season: Season, trail: Trail, secretary: User) -> None:
        self.source, self.season, self.trail, self.secretary = source, season, trail, secretary

    def check_all(self, filed: list[Filed]) -> None:
        """Decided checks for everything that left the queue; the last open filing but one is being checked."""
        checked = [item for item in filed if item.application.state in CHECKED]
        for start in range(0, len(checked), 500):
            batch = checked[start : start + 500]
            with transaction.atomic():
                FormalCheck.objects.bulk_create([self._check(item) for item in batch])
        self._return([item for item in checked if item.application.state == State.RETURNED])
        came_back = [item for item in filed if item.application.state == State.SUBMITTED and len(item.submissions) > 1]
        if came_back:
            self._give_back_once(came_back[0])
        self._papers([item for item in checked if item.application.state != State.RETURNED])

    def _check(self, item: Filed) -> FormalCheck:
        application, returned = item.application, item.application.state == State.RETURNED
        started = self.source.between(
            item.latest.submitted_at + timedelta(days=1), item.latest.submitted_at + timedelta(days=4), "check"
        )
        lines = self.season.checklist[application.round.programme_id]
        decided = started + timedelta(minutes=25)
        verb = "application.returned" if returned else "application.accepted"
        self.trail.add("application.personal_viewed", application, started, self.secretary)
        self.trail.add("check.started", application, started, self.secretary, version=item.latest.version)
        self.trail.add(verb, application, decided, self.secretary, state=verb.partition(".")[2])
        return FormalCheck(
            uuid=self.source.uuid("check"),
            application=application,
            submission=item.latest,
            checker=self.secretary,
            started_at=started,
            checklist=[
                {
                    "item": line.pk,
                    "text": line.text,
                    "help": line.help_text,
                    "helper": line.helper,
                    "required": line.is_required,
                    "answer": "no" if returned and "经济效益" in line.text else "yes",
                }
                for line in lines
            ],
            outcome=Outcome.RETURN if returned else Outcome.ACCEPT,
            reason=REASON if returned else "",
            open_fields=OPEN_FIELDS if returned else [],
            correction_due_at=self._due() if returned else None,
            decided_at=decided,
        )

    def _due(self) -> datetime:
        last = self.source.day(9)
        return day_end(last.year, last.month, last.day)

    def _return(self, items: list[Filed]) -> None:
        if not items:
            return
        keys = [item.application.pk for item in items]
        for item in items:
            item.application.open_fields, item.application.correction_due_at = OPEN_FIELDS, self._due()
        with transaction.atomic():
            for start in range(0, len(items), 500):
                Application.objects.filter(pk__in=keys[start : start + 500]).update(
                    open_fields=OPEN_FIELDS, correction_due_at=self._due()
                )
            checks = FormalCheck.objects.filter(outcome=Outcome.RETURN).order_by("pk")
            Remark.objects.bulk_create(self._remarks(list(checks)), batch_size=500)
            decided = {check.application_id: check.decided_at for check in checks}
        for item in items[:20]:
            self._conversation(item, decided[item.application.pk] or self.source.midnight)

    def _give_back_once(self, item: Filed) -> None:
        """Its first version was returned, answered and submitted anew: it waits to be checked again."""
        first, owner = item.submissions[0], item.drafted.plan.owner
        started = first.submitted_at + timedelta(minutes=15)
        decided = started + timedelta(minutes=20)
        with transaction.atomic():
            check = FormalCheck.objects.create(
                uuid=self.source.uuid("check"), application=item.application, submission=first, checker=self.secretary,
                started_at=started, outcome=Outcome.RETURN, reason="", open_fields=["main_results", "honours"],
                correction_due_at=self._due(), decided_at=decided,
            )  # fmt: skip
            remark = Remark.objects.create(formal_check=check, position=1, field="main_results", text=UNFINISHED)
            RemarkReply.objects.create(
                remark=remark, text="已补充主要成果，并列出标准化文件。", replied_by=owner,
                replied_at=decided + timedelta(minutes=40),
            )  # fmt: skip
        self.trail.add("check.started", item.application, started, self.secretary, version=first.version)
        self.trail.add("application.returned", item.application, decided, self.secretary, state="returned")
        self.trail.add("remark.replied", item.application, decided + timedelta(minutes=40), owner, remark=remark.pk)

    def _remarks(self, checks: list[FormalCheck]) -> list[Remark]:
        proofs = Evidence.objects.filter(application__in=[check.application_id for check in checks], kind="benefit")
        proof_of = {proof.application_id: proof for proof in proofs.order_by("-position")}
        rows = []
        for check in checks:
            for place, (field, text) in enumerate(REMARKS, 1):
                proof = proof_of.get(check.application_id) if field == "evidence.benefit" else None
                rows.append(
                    Remark(
                        formal_check=check, position=place, field=field, text=text, evidence=proof,
                        evidence_uuid=proof.uuid if proof else None,
                        file_name=proof.name if proof else "", page=1 if proof else None,
                    )
                )  # fmt: skip
        return rows

    def _conversation(self, item: Filed, at: datetime) -> None:
        application = item.application
        with transaction.atomic():
            thread = Thread.objects.create(
                uuid=self.source.uuid("thread"),
                enterprise=application.enterprise,
                application=application,
                created_at=at,
            )
            letter = f"《{application.topic_name}》（{application.file_number}）：{REASON}\n" + "\n".join(
                f"{place}. {text}" for place, (_field, text) in enumerate(REMARKS, 1)
            )
            question = "收到。财务证明正在补盖章，请问效益计算表可以另附 Excel 吗？"
            answer = "可以，作为“其他”类材料上传即可，请在截止前重新提交。"
            for minutes, author, from_staff, body in (
                (0, self.secretary, True, letter),
                (95, item.drafted.plan.owner, False, question),
                (160, self.secretary, True, answer),
            ):
                moment = at + timedelta(minutes=minutes)
                Message.objects.create(
                    thread=thread, author=author, from_staff=from_staff, body=body, created_at=moment,
                    read_at=moment + timedelta(minutes=20) if minutes < 160 else None,
                )  # fmt: skip

    def _papers(self, items: list[Filed]) -> None:
        """All of the closed rounds; one in four of those accepted in the open one (the first is among them)."""
        arrived = [
            item
            for place, item in enumerate(items)
            if item.application.round != self.season.open or place % 4 == 0 or item == items[-1]
        ]
        rows = []
        for place, item in enumerate(arrived):
            at = min(item.latest.submitted_at + timedelta(days=5, hours=3), self.source.midnight - timedelta(hours=9))
            rows.append(
                PaperReceipt(
                    application=item.application,
                    submission=item.latest,
                    received_at=at,
                    received_by=self.secretary,
                    shelf=f"A-{place // 20 + 1:02d}",
                )
            )
            self.trail.add("paper.received", item.application, at, self.secretary, version=item.latest.version)
        with transaction.atomic():
            PaperReceipt.objects.bulk_create(rows, batch_size=500)
