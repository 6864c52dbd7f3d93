"""E-mailed folders as people pack them, and as nobody should."""

import io
import struct
import zipfile
import zlib

import docx
from PIL import Image

from applications.imports import statistics_form
from applications.models.reports import SUMMARY_SECTIONS
from applications.topics import steps_of
from applications.word.forms import FormContent, form_document
from applications.word.summaries import SummaryContent, summary_document
from tests import factories

UNIT = "青海昆仑山泉饮品有限公司"
NAME = f"{UNIT}_才让卓玛_13997001234"
GROUP, TOPIC = "清泉QC小组", "降低灌装线停机时间"


def code(number: int = 4711) -> str:
    return factories.credit_code(number, area="630102")


def annex1(unit=UNIT, credit_code="", group=GROUP, topic=TOPIC, email="zm@quan.example", **more) -> bytes:
    values = {
        "enterprise.name": unit, "enterprise.credit_code": credit_code or code(), "certificate_unit_name": unit,
        "contact_name": "才让卓玛", "contact_phone": "13997001234", "contact_email": email, "group_name": group,
        "group_registration_number": "QS-QC-2025-003", "group_registered_on": "2025年2月10日", "leader_name": "韩志远",
        "member_count": "2", "activity_starts_on": "2025年3月1日", "activity_ends_on": "2025年11月30日",
        "activity_count": "24", "attendance_rate": "96.50", "training_hours": "48", "topic_name": topic,
        "group_intro": "小组成立于灌装车间。", "target_value": "停机时间降到 30 分钟", "actual_value": "28 分钟",
        "economic_benefit": "46.20", "activity_cost": "9.20", "benefit_basis": "按停机损失计算。",
        "main_results": "形成点检标准。", **more,
    }  # fmt: skip
    people = [
        {"name": "韩志远", "gender": "男", "education": "本科", "job_title": "工程师", "group_role": "组长",
         "duty": "组织", "training_hours": "48"},
        {"name": "扎西多杰", "gender": "男", "education": "大专", "job_title": "技师", "group_role": "组员",
         "duty": "实施", "training_hours": "48"},
    ]  # fmt: skip
    steps = {step.code: f"{step.label}：依据现场数据开展，过程真实完整。" for step in steps_of("self_set")}
    return form_document(FormContent(values=values, steps=steps, members=people, topic_type="self_set"))


def annex2(unit=UNIT, credit_code="") -> bytes:
    texts = {name: f"{title}：本单位坚持开展小组活动，成效明显。" * 8 for name, title, _help in SUMMARY_SECTIONS}
    return summary_document(
        SummaryContent(SUMMARY_SECTIONS, enterprise=unit, credit_code=credit_code or code(), texts=texts)
    )


def annex3(unit=UNIT, credit_code="", **values) -> bytes:
    figures = {
        "employees": 120, "groups_cumulative": 12, "groups_registered": 4, "groups_active": 4, "participants": 40,
        "results_count": 3, "direct_benefit": 900000, "cumulative_benefit": 1900000, **values,
    }  # fmt: skip
    return statistics_form.workbook(
        statistics_form.Filled(unit=unit, credit_code=credit_code or code(), values=figures)
    )


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "JPEG")
    return out.getvalue()


def letter() -> bytes:
    """A Word document that is none of the forms."""
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("会议通知：请于周五参加。")
    document.save(out)
    return out.getvalue()


def usual(root: str = NAME, credit_code: str = "") -> dict[str, bytes]:
    """What an enterprise sends: the three attachments and evidence in a folder named by the rule."""
    return {
        f"{root}/附件1 申报表.docx": annex1(credit_code=credit_code),
        f"{root}/附件2 活动总结.docx": annex2(credit_code=credit_code),
        f"{root}/附件3 统计表.xlsx": annex3(credit_code=credit_code),
        f"{root}/证实性材料/成果报告.pdf": factories.PDF,
        f"{root}/证实性材料/小组活动记录.pdf": factories.PDF + b"%1",
        f"{root}/证实性材料/财务效益证明.pdf": factories.PDF + b"%2",
        f"{root}/证实性材料/现场照片.jpg": picture(),
    }


def zipped(files: dict[str, bytes], *, gbk: bool = False, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """``gbk``: names as Windows Explorer in Chinese writes them, without the mark for UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(_Gbk(name) if gbk else name, content)
    return out.getvalue()


class _Gbk(zipfile.ZipInfo):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self):
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def raw(
    names: list[str], content: bytes = b"x", *, declared: int | None = None, flags: int = 0, attr: int = 0,
    method: int = 0, same_place: bool = False,
) -> bytes:  # fmt: skip
    """A ZIP by hand, with lies in its directory."""
    body, directory = b"", b""
    size = len(content) if declared is None else declared
    packed = content
    if method == 8:
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflater.compress(content) + deflater.flush()
    for name in names:
        encoded, offset = name.encode(), 0 if same_place else len(body)
        head = (20, flags | 0x800, method, 0, 0x21, zlib.crc32(content), len(packed), size, len(encoded), 0)
        if not (same_place and body):
            body += struct.pack("<4s5H3L2H", b"PK\x03\x04", *head) + encoded + packed
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 0x314, *head, 0, 0, 0, attr, offset) + encoded
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(names), len(names), len(directory), len(body), 0)
    return body + directory + end


def hostile() -> dict[str, tuple[bytes, str]]:
    """By name: the bytes, and the code of the refusal."""
    plain = zipped({"a/附件1.docx": annex1()})
    return {
        "empty file": (b"", "empty"),
        "rar": (b"Rar!\x1a\x07\x01\x00" + b"x" * 400, "wrong_type"),
        "7z": (b"7z\xbc\xaf\x27\x1c" + b"x" * 400, "wrong_type"),
        "tar": (b"a" * 257 + b"ustar" + b"0" * 300, "wrong_type"),
        "gzip": (b"\x1f\x8b\x08" + b"x" * 400, "wrong_type"),
        "text": ("不是压缩包".encode() * 10, "wrong_type"),
        "a Word document": (annex1(), "wrong_type"),
        "cut off": (plain[: len(plain) // 2], "damaged"),
        "no directory": (b"PK\x03\x04" + b"\x00" * 500, "damaged"),
        "nothing inside": (zipped({}), "empty"),
        "only rubbish inside": (zipped({"__MACOSX/._a.docx": b"x", ".DS_Store": b"x"}), "empty"),
        "out of the folder": (raw(["../../etc/cron.d/evil"]), "path"),
        "out by backslash": (raw(["..\\..\\evil.docx"]), "path"),
        "absolute": (raw(["/etc/passwd"]), "path"),
        "drive letter": (raw(["C:\\evil.docx"]), "path"),
        "control characters": (raw(["a\x1b[2Jb.docx"]), "path"),
        "turned writing": (raw(["报告\u202excod.exe"]), "path"),
        "symbolic link": (raw(["link"], b"/etc/passwd", attr=0o120777 << 16), "link"),
        "device": (raw(["zero"], attr=0o020666 << 16), "link"),
        "password": (raw(["附件1.docx"], flags=1), "encrypted"),
        "odd method": (raw(["附件1.docx"], method=14), "method"),
        "name twice": (raw(["附件1.docx", "附件1.DOCX"]), "structure"),
        "deep": (raw(["/".join("abcdefghij") + "/x.docx"]), "structure"),
        "shared bytes": (raw(["a.pdf", "b.pdf", "c.pdf"], b"x" * 100, same_place=True), "lying"),
        "declared bomb": (raw(["a.pdf"], declared=2_000_000_000), "bomb"),
        "packed bomb": (raw(["a.pdf"], b"\x00" * 30_000_000, method=8), "bomb"),
        "too many": (raw([f"{number}.pdf" for number in range(301)]), "too_many"),
        "a million entries": (b"PK\x03\x04" + b"x" * 60 + struct.pack(
            "<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 60_000_000, 4, 0), "too_many"),
        "several disks": (plain[:-22] + struct.pack("<4s4H2LH", b"PK\x05\x06", 1, 1, 1, 2, 60, 4, 0), "split"),
    }  # fmt: skip
