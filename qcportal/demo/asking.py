"""What waits for a person: proofs, a former name, requests to join, requests about personal data, marks and replies."""

from datetime import datetime, timedelta

from django.db import transaction

from applications.models import (
    Application,
    Enterprise,
    EnterpriseProof,
    FormerName,
    JoinRequest,
    ProofKind,
    Remark,
    RemarkReply,
)
from qcportal import files
from qcportal.demo.evidence import PDF, Renderer
from qcportal.demo.logins import Logins
from qcportal.demo.source import Source
from qcportal.demo.trail import Trail
from qcportal.models import DataRequestKind, DataRequestState, PersonalDataRequest, User

STREAM = "asking"
FORMER_NAME = "青海瀚澄盐化有限公司"
REPLY = "已补充效益计算过程：年节约蒸汽量乘以结算单价，再扣除改造投入，与财务效益证明中的金额一致。"
STYLE = "@page { size: A4; margin: 40mm 28mm } body { font: 13pt/2.2 'Noto Serif CJK SC', serif } h1 { text-align: center; font-size: 22pt }"


class Desk:
    def __init__(self, source: Source, trail: Trail, secretary: User) -> None:
        self.source, self.trail, self.secretary = source, trail, secretary
        self.render = Renderer()

    def ask(self, enterprises: list[Enterprise], owners: list[User], logins: Logins) -> None:
        """Two newcomers, three proofs, a former name, two requests about personal data."""
        takes_over = logins.user("newcomer-1", "马文涛")
        joins = logins.user("newcomer-2", "赵丽娜")
        with transaction.atomic():
            takes_over.save()
            joins.save()
        self._unverified(enterprises, owners)
        self._renamed(enterprises[3], owners[3])
        self._joins(
            enterprises[13], takes_over, "质量管理部主任。原负责人上月调离，由我接任，证明已加盖公章。", owner=True
        )
        self._joins(enterprises[0], joins, "动力车间QC小组组长，负责填写本车间的申报。", owner=False)
        self._personal(owners[4], owners[5])

    def _proof(
        self, enterprise: Enterprise, kind: ProofKind, by: User, at: datetime, join: JoinRequest | None = None
    ) -> None:
        label = str(kind.label)
        text = f"{enterprise.name}<br>统一社会信用代码　{enterprise.credit_code}<br>（演示文件，不是真实证照）"
        html = f"<!doctype html><html lang=zh-CN><meta charset=utf-8><style>{STYLE}</style><h1>{label}</h1><p>{text}"
        content, _pages = self.render.pdf(html)
        EnterpriseProof.objects.create(
            uuid=self.source.uuid(STREAM), enterprise=enterprise, join_request=join, kind=kind,
            file=files.store(content, PDF), name=f"{label}.pdf", uploaded_by=by, uploaded_at=at,
        )  # fmt: skip
        self.trail.add("enterprise.proof_added", enterprise, at, by, kind=kind.value)

    def _unverified(self, enterprises: list[Enterprise], owners: list[User]) -> None:
        """A licence that nobody has looked at yet."""
        pairs = zip(enterprises, owners, strict=True)
        enterprise, owner = next(pair for pair in pairs if not pair[0].is_verified)
        self._proof(enterprise, ProofKind.LICENCE, owner, self.source.day(-2) + timedelta(hours=10))

    def _renamed(self, enterprise: Enterprise, owner: User) -> None:
        """Before the seasons shown: everything filed carries the present name."""
        at = self.source.day(-430) + timedelta(hours=15)
        FormerName.objects.create(enterprise=enterprise, name=FORMER_NAME, until=at, changed_by=owner)
        self._proof(enterprise, ProofKind.RENAMED, owner, at)

    def _joins(self, enterprise: Enterprise, user: User, reason: str, *, owner: bool) -> None:
        at = self.source.day(-1) + timedelta(hours=9, minutes=20 if owner else 45)
        request = JoinRequest.objects.create(
            uuid=self.source.uuid(STREAM), enterprise=enterprise, user=user, reason=reason, wants_ownership=owner,
            created_at=at,
        )  # fmt: skip
        self.trail.add("join.requested", request, at, user, enterprise=enterprise.credit_code)
        if owner:
            self._proof(enterprise, ProofKind.OWNERSHIP, user, at + timedelta(minutes=6), request)

    def _personal(self, waiting: User, answered: User) -> None:
        at = self.source.day(-1) + timedelta(hours=16)
        PersonalDataRequest.objects.create(
            uuid=self.source.uuid(STREAM), user=waiting, kind=DataRequestKind.COPY,
            text="请提供我在平台上留存的个人信息，并把手机号更正为现用号码。", created_at=at,
        )  # fmt: skip
        PersonalDataRequest.objects.create(
            uuid=self.source.uuid(STREAM), user=answered, kind=DataRequestKind.COPY, text="想查阅我的登录记录。",
            state=DataRequestState.DONE, created_at=at - timedelta(days=20), decided_at=at - timedelta(days=18),
            decided_by=self.secretary, answer="已在“我的数据”中提供下载，请登录后查看。",
        )  # fmt: skip

    def mark_filled(self, draft: Application, clerk: User) -> None:
        """The clerk says that the draft is complete; its owner has it to look at."""
        at = draft.updated_at + timedelta(minutes=40)
        Application.objects.filter(pk=draft.pk).update(filled_at=at, filled_by=clerk, filled_version=draft.edit_version)
        self.trail.add("application.filled", draft, at, clerk, version=draft.edit_version)

    def reply(self, returned: Application, clerk: User) -> None:
        """One remark is answered, the others wait."""
        remark = Remark.objects.filter(formal_check__application=returned).order_by("position").first()
        if remark is None or remark.formal_check.decided_at is None:
            return
        at = min(remark.formal_check.decided_at + timedelta(hours=21), self.source.midnight - timedelta(hours=6))
        RemarkReply.objects.create(remark=remark, text=REPLY, replied_by=clerk, replied_at=at)
        self.trail.add("remark.replied", returned, at, clerk, remark=remark.pk)
