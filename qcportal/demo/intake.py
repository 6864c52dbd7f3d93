"""What the secretariat took in: an enterprise's mailed folder that waits for review, a list of past results."""

import io
import zipfile
from datetime import timedelta

from applications.actions import folders
from applications.actions.past_results import FIELDS, Units
from applications.exchange import XLSX_TYPE
from applications.imports import past_sheet, statistics_form
from applications.models import Enterprise, PastResult, PastResultFile, Round, StaffFolder
from applications.models.reports import SUMMARY_SECTIONS
from applications.topics import steps_of
from applications.word.forms import FormContent, form_document
from applications.word.summaries import SummaryContent, summary_document
from qcportal import files
from qcportal.demo.evidence import Renderer
from qcportal.demo.source import Source
from qcportal.demo.texts import results_of_past_years
from qcportal.demo.trail import Trail
from qcportal.models import User

CONTACT = ("才让卓玛", "13997001234")


class Desk:
    def __init__(self, source: Source, trail: Trail, secretary: User) -> None:
        self.source, self.trail, self.secretary = source, trail, secretary

    def past_results(self, enterprises: list[Enterprise]) -> int:
        """Two years before anything else in the demo, for some enterprises of it and some that never came back."""
        at = self.source.day(-400) + timedelta(hours=10)
        stored = files.store(past_sheet.workbook(), XLSX_TYPE)
        year = self.source.today.year
        rows = results_of_past_years(year, [one.name for one in enterprises])
        source = PastResultFile.objects.create(
            uuid=self.source.uuid("intake"), file=stored, name="往年获奖名单.xlsx", imported=len(rows),
            uploaded_by=self.secretary, uploaded_at=at, confirmed_at=at,
        )  # fmt: skip
        units = Units()
        PastResult.objects.bulk_create(
            PastResult(
                **{name: row[name] for name in FIELDS}, identity=past_sheet.identity_of(row), source=source,
                enterprise_id=units.find("", row["unit_name"]), created_at=at, updated_at=at,
            )
            for row in rows
        )  # fmt: skip
        self.trail.add("past_results.imported", source, at, self.secretary, rows=len(rows))
        return len(rows)

    def folder(self, enterprise: Enterprise, round_: Round) -> StaffFolder:
        """Read and waiting for the review: nothing of it is a draft yet."""
        at = self.source.day(-1) + timedelta(hours=9)
        name = f"{enterprise.name}_{CONTACT[0]}_{CONTACT[1]}"
        upload = io.BytesIO(self._zip(enterprise, round_, name))
        sender, rows = folders.unpacked(upload, f"{name}.zip")
        made = StaffFolder.objects.create(
            uuid=self.source.uuid("intake"), file=files.store(upload, folders.ZIP_TYPE), name=f"{name}.zip",
            unit_name=sender.unit, contact_name=sender.contact, contact_phone=sender.phone,
            contact_email=enterprise.contact_email, enterprise=enterprise, round=round_, uploaded_by=self.secretary,
            uploaded_at=at,
        )  # fmt: skip
        for row in rows:
            row.folder = made
            row.save()
        folders.group_evidence(made)
        folders.read(made, actor=self.secretary)
        self.trail.add("folder.taken", made, at, self.secretary, files=len(rows))
        return made

    def _zip(self, enterprise: Enterprise, round_: Round, name: str) -> bytes:
        html = "<!doctype html><html lang=zh-CN><meta charset=utf-8><h1>{}</h1><p>（演示文件）"
        render = Renderer()
        out = io.BytesIO()
        contents = {
            "附件1 申报表.docx": _form(enterprise),
            "附件2 活动总结.docx": _summary(enterprise, round_),
            "附件3 统计表.xlsx": _statistics(enterprise, round_),
            "证实性材料/成果报告.pdf": render.pdf(html.format("成果报告"))[0],
            "证实性材料/小组活动记录.pdf": render.pdf(html.format("小组活动记录"))[0],
            "证实性材料/扫描件001.pdf": render.pdf(html.format("扫描件"))[0],
        }
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in contents.items():
                archive.writestr(zipfile.ZipInfo(f"{name}/{path}"), content)
        return out.getvalue()


def _form(enterprise: Enterprise) -> bytes:
    values = {
        "enterprise.name": enterprise.name, "enterprise.credit_code": enterprise.credit_code,
        "certificate_unit_name": enterprise.name, "contact_name": CONTACT[0], "contact_phone": CONTACT[1],
        "contact_email": enterprise.contact_email, "group_name": "清泉QC小组", "leader_name": "韩志远",
        "member_count": "2", "activity_count": "18", "attendance_rate": "95", "training_hours": "40",
        "topic_name": "缩短灌装线换型时间", "group_intro": "小组成立于灌装车间，由操作、维修和质检人员组成。",
        "target_value": "由 42 分钟缩短到 25 分钟", "actual_value": "23 分钟", "economic_benefit": "18.60",
        "activity_cost": "2.10", "benefit_basis": "按减少的停机工时计算。", "main_results": "形成换型作业标准。",
    }  # fmt: skip
    people = [
        {"name": "韩志远", "gender": "男", "education": "本科", "job_title": "工程师", "group_role": "组长",
         "duty": "组织策划", "training_hours": "40"},
        {"name": "扎西多杰", "gender": "男", "education": "大专", "job_title": "技师", "group_role": "组员",
         "duty": "现场实施", "training_hours": "40"},
    ]  # fmt: skip
    steps = {step.code: f"{step.label}：按现场记录开展，数据见活动记录。" for step in steps_of("self_set")}
    return form_document(FormContent(values=values, steps=steps, members=people, topic_type="self_set"))


def _summary(enterprise: Enterprise, round_: Round) -> bytes:
    texts = {name: f"{title}：全年按计划开展小组活动，成效明显。" for name, title, _help in SUMMARY_SECTIONS}
    return summary_document(
        SummaryContent(
            SUMMARY_SECTIONS, enterprise=enterprise.name, credit_code=enterprise.credit_code,
            data_year=str(round_.programme.data_year), texts=texts,
        )
    )  # fmt: skip


def _statistics(enterprise: Enterprise, round_: Round) -> bytes:
    values = {"employees": 186, "groups_cumulative": 9, "groups_registered": 3, "groups_active": 3, "participants": 24}
    return statistics_form.workbook(
        statistics_form.Filled(
            unit=enterprise.name,
            credit_code=enterprise.credit_code,
            data_year=round_.programme.data_year,
            values=values,
        )
    )
