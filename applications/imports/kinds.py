"""Which of our forms a workbook is: by the id that our templates carry, else by its words. Pure Python.

The id stands in a cell, not in the file's properties: WPS and converters keep cells. It reads
``模板编号 QC3-1 2026 第7次`` with the programme's year and the edit version that was exported (0: blank form).
"""

import re
import unicodedata
from typing import NamedTuple

from applications.imports.destinations import Destination
from applications.imports.sheets import Grid
from applications.validators import CREDIT_CODE_CHARS, normalise_credit_code


class Kind(NamedTuple):
    code: str
    title: str
    where: str


KINDS = {
    "QC3": Kind("statistics", "附件 3《企业质量管理小组活动统计表》", "请到“年度材料 → 附件 3”页面上传。"),
    "QCG": Kind("groups", "《小组汇总表》（一行一个小组）", "请到“工作台 → 批量导入小组”页面上传。"),
}
_ID = re.compile(r"模板编号\s*(QC[3G])-(\d+)\s+(\d{4})(?:\s+第(\d+)次)?(?:\s+([0-9A-Z]{18}))?")
_WORDS = (
    (re.compile(r"活动总结|工作总结"), "看内容像附件 2 活动总结，附件 2 请用 Word 上传。"),
    (
        re.compile(r"优秀质量管理小组申报表|小组申报表|课题名称.*小组名称|小组简介"),
        "看内容像附件 1 申报表，附件 1 请用 Word 上传。",
    ),
)
_CREDIT_CODE = re.compile(rf"[{CREDIT_CODE_CHARS}]{{18}}")


class Stamp(NamedTuple):
    kind: Kind
    revision: int
    year: int
    version: int
    code: str


def template_id(prefix: str, revision: int, year: int, version: int, credit_code: str) -> str:
    return f"模板编号 {prefix}-{revision} {year} 第{version}次 {credit_code}".strip()


def stamp_of(grids: list[Grid]) -> Stamp | None:
    for grid in grids:
        for _row, _column, cell in grid:
            match = _ID.search(cell.text) if cell.text.startswith("模板编号") else None
            if match:
                return Stamp(KINDS[match[1]], int(match[2]), int(match[3]), int(match[4] or 0), match[5] or "")
    return None


def kind_of(grids: list[Grid]) -> Kind | None:
    stamp = stamp_of(grids)
    return stamp.kind if stamp else None


def guess(grids: list[Grid]) -> str:
    """A sentence about what it may be instead, or nothing."""
    text = " ".join(cell.text[:60] for grid in grids for _row, _column, cell in grid)[:20_000]
    if "小组名称" in text and "课题名称" in text and "课题类型" in text:
        return f"看内容像{KINDS['QCG'].title}，{KINDS['QCG'].where}"
    return next((sentence for pattern, sentence in _WORDS if pattern.search(text)), "")


def base_version(grids: list[Grid], destination: Destination) -> int | None:
    """The version it was exported from, when it was exported for this enterprise and year."""
    stamp = stamp_of(grids)
    if stamp is None or not stamp.version or stamp.year != destination.programme.year:
        return None
    return stamp.version if stamp.code == destination.enterprise.credit_code else None


def foreign(grids: list[Grid], destination: Destination) -> list[str]:
    """Signs that the file belongs to another enterprise or year."""
    found = []
    codes: set[str] = set()
    years: set[int] = set()
    for grid in grids:
        for _row, _column, cell in grid:
            text = unicodedata.normalize("NFKC", cell.text)[:200]
            codes |= set(_CREDIT_CODE.findall(normalise_credit_code(text))) if "91" in text else set()
            years |= {int(one) for one in re.findall(r"(?:统计|总结|数据)年度\D{0,3}(20\d\d)", text)}
    if codes and destination.enterprise.credit_code not in codes:
        found.append(f"文件中的统一社会信用代码是 {sorted(codes)[0]}，与本单位不同，请核对是否拿错了文件。")
    year = destination.programme.data_year
    if years and year not in years:
        found.append(f"文件写的统计年度是 {min(years)} 年，这里填报的是 {year} 年的数据，请核对。")
    return found
