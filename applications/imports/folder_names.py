"""What the names of an e-mailed folder say: 单位名称_联系人_电话, and what each file seems to be. Pure Python."""

import re
import unicodedata
from typing import NamedTuple

from applications import validators

FORM, SUMMARY, STATISTICS, EVIDENCE, SKIP = "form", "summary", "statistics", "evidence", "skip"
KINDS = {
    FORM: "附件 1 申报表",
    SUMMARY: "附件 2 活动总结",
    STATISTICS: "附件 3 统计表",
    EVIDENCE: "证实性材料",
    SKIP: "不录入",
}
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}[-—–]?\d{7,8}|1[3-9]\d[- ]\d{4}[- ]\d{4})(?!\d)")
_SPLIT = re.compile(r"[_＿\-—–+＋、,，;；()（）【】\[\]\s]+")
_NOISE = re.compile(r"^(联系人|联系电话|电话|手机|申报材料|电子版|材料|申报|QC|qc|\d{4}年?|第[一二]期)[:：]?")
_UNIT = re.compile(r"(公司|集团|厂|矿|局|院|所|中心|站|队|社|部|医院|学校|银行|分公司|项目部)$")


class Sender(NamedTuple):
    """Who sent the folder, as its name says; empty where it does not."""

    unit: str = ""
    contact: str = ""
    phone: str = ""


def sender_of(name: str) -> Sender:
    """单位名称_联系人_电话, with other signs between, in any order, with or without 联系人 and 电话 before them."""
    text = unicodedata.normalize("NFKC", re.sub(r"\.zip$", "", name, flags=re.IGNORECASE)).strip()
    phone = _PHONE.search(text)
    number = re.sub(r"[ —–]", "-", phone[1]) if phone else ""
    if number.startswith("1"):
        number = number.replace("-", "")
    rest = text.replace(phone[1], "_") if phone else text
    pieces = [piece for piece in (_NOISE.sub("", one).strip(":： ") for one in _split_keeping_brackets(rest)) if piece]
    unit = next((one for one in pieces if _UNIT.search(one)), "") or max(pieces, key=len, default="")
    contact = next((one for one in pieces if one != unit and _is_person(one)), "")
    return Sender(unit if len(unit) >= 4 else "", contact, number)


def _split_keeping_brackets(text: str) -> list[str]:
    """Brackets inside the unit's name stay: 青海湖光(集团)有限公司."""
    kept = re.sub(r"\(([^()\d]{1,12})\)(?=[一-鿿])", r"〔\1〕", text)
    return [re.sub(r"〔(.*?)〕", r"（\1）", piece) for piece in _SPLIT.split(kept)]


def _is_person(text: str) -> bool:
    try:
        validators.check_person_name(text)
    except ValueError:
        return False
    return len(text) <= 4 or "·" in text


def without_root(paths: list[str]) -> tuple[list[str], list[str]]:
    """Paths without the folders that all of them share, and those folders from the outside in."""
    roots: list[str] = []
    while paths and all("/" in path for path in paths):
        first = {path.split("/", 1)[0] for path in paths}
        if len(first) != 1:
            break
        roots.append(first.pop())
        paths = [path.split("/", 1)[1] for path in paths]
    return paths, roots


# The first that fits; the file's own name before the names of the folders it lies in.
_EVIDENCE = (
    ("licence", re.compile(r"营业执照|执照")),
    ("benefit", re.compile(r"效益|财务|经济")),
    ("standard", re.compile(r"标准化|作业指导|操作规程|标准文件|工艺卡")),
    ("honour", re.compile(r"获奖|奖状|专利|荣誉|知识产权")),
    ("photo", re.compile(r"照片|现场图|图片")),
    ("records", re.compile(r"记录|签到|会议纪要|活动台账|原始数据")),
    ("report", re.compile(r"成果报告|成果材料|课题报告|成果书|发布材料|成果")),
)
_OTHER_ANNEX = (
    (FORM, re.compile(r"附件\s*[1１一]|申报表|推荐表|报告单")),
    (SUMMARY, re.compile(r"附件\s*[2２二]|活动总结|工作总结")),
    (STATISTICS, re.compile(r"附件\s*[3３三]|统计表")),
)


def annex_of(path: str) -> str:
    """The attachment that the file's own name says it is, or ""."""
    name = unicodedata.normalize("NFKC", path.rsplit("/", 1)[-1])
    return next((kind for kind, pattern in _OTHER_ANNEX if pattern.search(name)), "")


def evidence_kind_of(path: str) -> str:
    """The kind of evidence that a path says it is; "other" when nothing does, and then the page asks."""
    parts = unicodedata.normalize("NFKC", path).split("/")
    for part in reversed(parts):
        for kind, pattern in _EVIDENCE:
            if pattern.search(part):
                return kind
    return "photo" if re.search(r"\.(jpe?g|png)$", path, re.IGNORECASE) else "other"
