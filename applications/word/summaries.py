"""Attachment 2 as a Word document in the form of an official paper (GB/T 9704)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml.etree import _Element

from applications.word import labels, package
from applications.word.ooxml import FANG, GREY, HEI, NOTE, XIAO, Controls, Type, paragraph, run

BODY = Type(FANG, 16)
LINE = 28.95  # points: 22 lines in 225 mm
HELP = (
    f"{labels.INSTRUCTION}：在每个标题下面填写，一般共 2000 至 3000 字；标题请勿改动。"
    "填好后到年度材料页面“上传填好的 Word 表”，核对后填入网上表格。本段打印前可以删去。"
)


@dataclass(frozen=True)
class SummaryContent:
    """``sections``: field, title, guidance; ``texts`` by field."""

    sections: Sequence[tuple[str, str, str]]
    enterprise: str = ""
    credit_code: str = ""
    data_year: str = ""
    year: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    edit_version: int | None = None


def summary_document(content: SummaryContent) -> bytes:
    marks = {
        "annex": labels.ANNEX_2, "version": labels.VERSION, "year": content.year, "credit_code": content.credit_code,
        "edit_version": "" if content.edit_version is None else str(content.edit_version),
    }  # fmt: skip
    title = f"{content.data_year}年{labels.TITLE_2}" if content.data_year else labels.TITLE_2
    return package.build(_body(content, title), title=title, marks=marks)


def _body(content: SummaryContent, title: str) -> Iterator[_Element]:
    controls, big = Controls(), Type(XIAO, 22)
    yield paragraph(run("附件2", Type(HEI, 16)), line=LINE)
    yield paragraph(run(HELP, NOTE), after=12)
    name = content.enterprise
    locked = "sdtContentLocked" if name else "sdtLocked"
    unit = controls.text("enterprise.name", "单位名称", name, hint="点击填写（单位名称）", type_=big, locked=locked)
    yield paragraph(unit, align="center", line=34, keep=True)
    mark = f"qc.{labels.ANNEX_2}.{labels.VERSION}.{content.year}"
    heading = controls.text(mark, "题目", title, type_=big, locked="sdtContentLocked")
    yield paragraph(heading, align="center", line=34, after=19, keep=True)
    for key, section, guidance in content.sections:
        yield paragraph(run(section, Type(HEI, 16)), line=LINE, indent=32, keep=True)
        text = content.texts.get(key, "")
        lines = text.replace("\r\n", "\n").split("\n") if text else [f"点击填写（{guidance}）"]
        type_ = BODY if text else BODY._replace(colour=GREY)
        body = [paragraph(run(line, type_), line=LINE, indent=32, align="both") for line in lines]
        yield controls.block(key, section, body, is_hint=not text)
    yield paragraph(line=LINE)
    yield paragraph(run(f"{name or '（单位名称）'}（盖章）", BODY), line=LINE, align="right")
    yield paragraph(run("　　年　　月　　日", BODY), line=LINE, align="right")
