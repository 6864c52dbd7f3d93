"""The secretariat's own: notes, telephone calls, ready answers, a sitting at the paper desk, one viewing."""

from datetime import timedelta

from django.db import transaction

from applications.models import (
    Application,
    CallOutcome,
    DeskScan,
    Enterprise,
    Note,
    PaperBatch,
    PaperReceipt,
    PhoneCall,
    ReplyTemplate,
    ScanResult,
)
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import User, Viewing

STREAM = "dealing"
ANSWERS = (
    (
        "纸质件怎么寄",
        "请把盖章后的纸质套（封面、附件2、附件3、各组附件1）寄到秘书处，每页右上角的二维码不要遮挡。寄出后不用再发邮件，签收后平台会显示“已收到纸质件”。",
    ),
    (
        "补正怎么做",
        "请登录平台，打开该申报，按审查意见逐项修改并填写答复，再点“提交”。只有有意见的项目可以修改，截止时间见通知。",
    ),
    (
        "换负责人",
        "请接任的人用本单位的信用代码注册，并上传写明原负责人、接任人和日期、加盖公章的说明，秘书处核对后办理变更。",
    ),
    ("已经收到", "材料已收到，正在按提交先后审查，有结果会发邮件通知，请留意。"),
)
# Enterprise by place, pinned, text.
NOTES = (
    (0, True, "联系人一般下午在办公室，上午请打手机。"),
    (1, False, "去年纸质件寄到了旧地址，今年寄之前提醒一次。"),
    (2, False, "集团下属三家单位由同一人填报，问题先问她。"),
)
# Enterprise by place or None, days ago, incoming, caller, subject, outcome, days until follow-up.
CALLS = (
    (
        0,
        2,
        True,
        "马启明",
        "问补正截止到哪天、附件3要不要重新盖章。已说明只重印改过的一件。",
        CallOutcome.ANSWERED,
        None,
    ),
    (1, 1, False, "祁文澜", "催交纸质件，答应周内寄出。", CallOutcome.PROMISED, 0),
    (3, 1, True, "办公室", "说登录时提示密码不正确，已指导找回密码，次日回电核对。", CallOutcome.CALL_BACK, 0),
    (None, 1, True, "", "没有注册过的单位，问什么时候可以报、要哪些材料。", CallOutcome.ANSWERED, None),
)


class Desk:
    def __init__(self, source: Source, trail: Trail, secretary: User) -> None:
        self.source, self.trail, self.secretary = source, trail, secretary

    def work(self, enterprises: list[Enterprise], owner: User) -> None:
        with transaction.atomic():
            for position, (title, text) in enumerate(ANSWERS, 1):
                ReplyTemplate.objects.create(title=title, text=text, position=position)
            self._notes(enterprises)
            self._calls(enterprises)
            self._sitting()
            self._viewing(owner)

    def _notes(self, enterprises: list[Enterprise]) -> None:
        for place, pinned, text in NOTES:
            at = self.source.day(-12 + place) + timedelta(hours=10, minutes=15)
            note = Note.objects.create(
                uuid=self.source.uuid(STREAM), enterprise=enterprises[place], text=text, is_pinned=pinned,
                created_by=self.secretary, created_at=at,
            )  # fmt: skip
            self.trail.add("note.added", enterprises[place], at, self.secretary, note=str(note.uuid))

    def _calls(self, enterprises: list[Enterprise]) -> None:
        for number, (place, ago, incoming, caller, subject, outcome, follow) in enumerate(CALLS):
            at = self.source.day(-ago) + timedelta(hours=9 + number, minutes=20)
            enterprise = enterprises[place] if place is not None else None
            call = PhoneCall.objects.create(
                uuid=self.source.uuid(STREAM), enterprise=enterprise, is_incoming=incoming, caller=caller,
                number=enterprise.contact_phone if enterprise else "0971-0000012", subject=subject, outcome=outcome,
                follow_up_on=self.source.today + timedelta(days=follow) if follow is not None else None, called_at=at,
                created_by=self.secretary,
            )  # fmt: skip
            self.trail.add("call.logged", call, at, self.secretary, outcome=str(outcome))

    def _sitting(self) -> None:
        """The newest receipts, as one batch of scans with a foreign code between them."""
        newest = PaperReceipt.objects.select_related(
            "submission__application__enterprise", "submission__application__round"
        )
        receipts = list(newest.order_by("-received_at", "-pk")[:4])[::-1]
        if not receipts:
            return
        start = receipts[-1].received_at
        batch = PaperBatch.objects.create(
            uuid=self.source.uuid(STREAM), opened_by=self.secretary, opened_at=start, giver="SF1088001234567",
            closed_at=start + timedelta(minutes=6), shelf="A-03",
        )  # fmt: skip
        for number, receipt in enumerate(receipts):
            application: Application = receipt.submission.application
            DeskScan.objects.create(
                uuid=self.source.uuid(STREAM), batch=batch, at=start + timedelta(seconds=20 * number),
                typed=receipt.submission.code, result=ScanResult.RECEIVED, enterprise=application.enterprise,
                label=f"附件1 {application.display_name} 第 {receipt.submission.version} 版", round=application.round,
                submission=receipt.submission, shelf=receipt.shelf,
            )  # fmt: skip
        DeskScan.objects.create(
            uuid=self.source.uuid(STREAM), batch=batch, at=start + timedelta(minutes=5), typed="6901234567892",
            result=ScanResult.UNKNOWN, message="不是本平台的码，或没有扫完整。", shelf="A-03",
        )  # fmt: skip

    def _viewing(self, owner: User) -> None:
        at = self.source.day(-3) + timedelta(hours=15, minutes=5)
        viewing = Viewing.objects.create(
            uuid=self.source.uuid(STREAM), person=owner, viewer=self.secretary, reason="来电说找不到补正的入口，核对页面",
            started_at=at, until=at + timedelta(minutes=30), ended_at=at + timedelta(minutes=4), pages=2,
        )  # fmt: skip
        own = {"viewing": str(viewing.uuid)}
        add, secretary = self.trail.add_viewed, self.secretary
        add("act_as.started", owner, at, secretary, reason=viewing.reason, **own)
        for number, path in enumerate(("/applications/", "/applications/messages/"), 1):
            add("act_as.viewed", owner, at + timedelta(minutes=number), secretary, path=path, **own)
        add("act_as.ended", owner, at + timedelta(minutes=4), secretary, pages=2, **own)
