"""A pool of real evidence files: PDF reports and proofs, JPEG photos, XLSX records. The same bytes every time."""

import io
import math
import random
import zipfile
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Font
from PIL import Image, ImageDraw, ImageFilter

from applications.topics import steps_of
from qcportal import files
from qcportal.demo import people, texts
from qcportal.demo.source import Source
from qcportal.demo.topics import TOPICS, Topic
from qcportal.models import StoredFile

PDF = "application/pdf"
JPEG = "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIXED = datetime(2026, 1, 1)  # noqa: DTZ001 -- a property inside a file, without zone by its format

STYLE = """
@page { size: A4; margin: 26mm 22mm; @bottom-center { content: "— " counter(page) " —"; font-size: 10pt } }
body { font-family: 'Noto Serif CJK SC', serif; font-size: 11.5pt; line-height: 1.75 }
h1 { font: bold 20pt 'Noto Sans CJK SC'; text-align: center; margin: 60mm 0 12mm } h2 { font: bold 13pt 'Noto Sans CJK SC' }
.cover { text-align: center; page-break-after: always }
table { width: 100%; border-collapse: collapse; table-layout: fixed; margin: 4mm 0 }
td, th { border: .5pt solid #333; padding: 1.5mm; text-align: center } p { text-indent: 2em; margin: 0 0 2mm }
"""


class PooledFile(NamedTuple):
    file: StoredFile
    pages: int | None


class Pool(NamedTuple):
    """What filings draw their evidence from. ``reports`` is keyed by topic name."""

    reports: dict[str, PooledFile]
    benefits: list[PooledFile]
    standards: list[PooledFile]
    photos: list[PooledFile]
    records: list[PooledFile]

    def report_for(self, topic: Topic) -> PooledFile:
        """Of the topic itself, or any where the pool is small."""
        return self.reports.get(topic.name) or self.reports[min(self.reports)]


def _first_of_each() -> list[Topic]:
    return list({(topic.industry, topic.kind): topic for topic in reversed(TOPICS)}.values())[::-1]


def build_pool(source: Source, *, small: bool = False) -> Pool:
    """Make and store every file. ``small`` keeps to one report of each kind, for tests and benchmarks."""
    chance = source.stream("evidence")
    topics = _first_of_each()[:2] if small else list(TOPICS)
    render = Renderer()
    return Pool(
        reports={topic.name: render.store(report_html(topic, chance)) for topic in topics},
        benefits=[render.store(_benefit_html(number)) for number in range(1 if small else 2)],
        standards=[render.store(_standard_html(number)) for number in range(1 if small else 2)],
        photos=[_stored(photo(chance, number), JPEG) for number in range(2 if small else 6)],
        records=[_stored(records(chance, number), XLSX) for number in range(1 if small else 3)],
    )


def _stored(content: bytes, content_type: str) -> PooledFile:
    return PooledFile(files.store(content, content_type), 1 if content_type == JPEG else None)


class Renderer:
    """WeasyPrint with one font configuration for all: a new one for each document costs memory and time."""

    def __init__(self) -> None:
        from weasyprint import HTML  # noqa: PLC0415 -- half a second that other commands need not pay
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self._html, self._fonts = HTML, FontConfiguration()

    def store(self, html: str) -> PooledFile:
        content, pages = self.pdf(html)
        return PooledFile(files.store(content, PDF), pages)

    def pdf(self, html: str) -> tuple[bytes, int]:
        document = self._html(string=html).render(font_config=self._fonts)
        content = document.write_pdf()
        assert content is not None  # noqa: S101 -- None only when a target is given
        return content, len(document.pages)


def _page(body: str) -> str:
    return f"<!doctype html><html lang=zh-CN><meta charset=utf-8><style>{STYLE}</style><body>{body}</body></html>"


def report_html(topic: Topic, chance: random.Random) -> str:
    """A 成果报告: cover, text of every step, a table, a bar chart."""
    name = topic.name.format(n=1)
    year = FIXED.year - 1
    written = texts.steps(topic, name, year, Decimal(chance.randrange(80, 900) * 1000), chance)
    parts = [f"<div class=cover><h1>{escape(name)}</h1><p>质量管理小组成果报告（演示）</p><p>{year} 年 12 月</p></div>"]
    for number, (code, text) in enumerate(written.items(), 1):
        label = next(step.label for step in steps_of(topic.kind) if step.code == code)
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
        parts.append(f"<h2>{number}　{label}</h2>{paragraphs}")
        if code in ("current_state", "target_and_feasibility", "target_feasibility"):
            parts.append(_table(topic, chance))
    parts.append(_chart(topic))
    return _page("".join(parts))


def _table(topic: Topic, chance: random.Random) -> str:
    base = float(topic.base)
    rows = "".join(
        f"<tr><td>{month}月</td><td>{chance.randrange(80, 160)}</td><td>{base * chance.uniform(0.97, 1.03):.2f}</td></tr>"
        for month in range(1, 7)
    )
    return (
        f"<table><tr><th>月份</th><th>样本数</th><th>{escape(topic.indicator)}（{topic.unit}）</th></tr>{rows}</table>"
    )


def _chart(topic: Topic) -> str:
    values = [("活动前", topic.base), ("目标值", topic.target), ("活动后", topic.actual)]
    highest = max(float(value) for _label, value in values)
    bars = []
    for place, (label, value) in enumerate(values):
        height = 40 + 110 * float(value) / highest
        x = 60 + place * 120
        bars.append(
            f'<rect x="{x}" y="{180 - height:.1f}" width="60" height="{height:.1f}" fill="#0F6C7A"/>'
            f'<text x="{x + 30}" y="{172 - height:.1f}" font-size="13" text-anchor="middle">{value}</text>'
            f'<text x="{x + 30}" y="198" font-size="13" text-anchor="middle">{label}</text>'
        )
    return (
        f'<h2>效果对比图</h2><svg width="420" height="210" viewBox="0 0 420 210">{"".join(bars)}'
        '<line x1="30" y1="180" x2="400" y2="180" stroke="#333"/></svg>'
    )


def _benefit_html(number: int) -> str:
    rows = "".join(
        f"<tr><td>{item}</td><td>{amount + number * 1.5:.2f}</td></tr>"
        for item, amount in [("节约能源与材料", 42.6), ("减少返工与废品", 18.2), ("减：活动投入费用", 9.2)]
    )
    return _page(
        f"<h1>财务效益证明</h1><p>经财务部门核算，该小组活动期内产生的直接经济效益如下（单位：万元）。</p>"
        f"<table><tr><th>项目</th><th>金额</th></tr>{rows}</table><p>核算口径：只计活动期内已实现的效益，已扣除投入。（演示文件）</p>"
    )


def _standard_html(number: int) -> str:
    clauses = "".join(f"<p>{place}　{text}</p>" for place, text in enumerate(
        ("本标准规定了岗位操作的方法、频次和记录要求。", "作业前检查设备状态，并按表记录。", "参数超限时按异常处置流程报告。", "本标准自批准之日起执行。"), 1
    ))  # fmt: skip
    return _page(f"<h1>岗位作业标准</h1><p>编号：Q/QC-2025-{31 + number}（演示文件）</p>{clauses}")


def photo(chance: random.Random, number: int) -> bytes:
    """A drawn picture of a plant in front of the mountains, with the grain of a camera."""
    width, height = 1280, 960
    image = Image.new("RGB", (width, height), (172 - number * 6, 205, 226))
    draw = ImageDraw.Draw(image)
    for depth in range(3):
        points = [(0, height)]
        for x in range(0, width + 80, 80):
            points.append(
                (x, 380 + depth * 90 - int(90 * math.sin(x / 170 + depth * 2 + number)) - chance.randrange(40))
            )
        draw.polygon([*points, (width, height)], fill=(96 + depth * 22, 120 + depth * 10, 118 - depth * 12))
    for place in range(5):
        x = 90 + place * 230 + chance.randrange(40)
        top = 520 + chance.randrange(90)
        draw.rectangle((x, top, x + 120, 840), fill=(200 - place * 9, 204, 200), outline=(70, 80, 84), width=3)
        for window in range(3):
            draw.rectangle((x + 18 + window * 34, top + 30, x + 38 + window * 34, top + 60), fill=(40, 92, 106))
    draw.rectangle((0, 840, width, height), fill=(150, 138, 116))
    draw.rectangle((40, 880, 420, 930), fill=(255, 255, 255))
    draw.text((56, 896), f"DEMO SITE PHOTO {number + 1:02d}", fill=(15, 108, 122))
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.6)).save(out, "JPEG", quality=84)
    return out.getvalue()


def records(chance: random.Random, number: int) -> bytes:
    """小组活动记录 as a workbook, packed again with fixed dates: openpyxl stamps the time of saving."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 -- a new workbook has a sheet
    sheet.title = "活动记录"
    sheet.append(["序号", "日期", "活动内容", "应到", "实到", "主持人", "决议"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    subjects = (
        "选题讨论",
        "数据收集",
        "现状分析",
        "原因分析会",
        "要因确认",
        "制定对策",
        "对策实施",
        "效果检查",
        "标准修订",
        "总结",
    )
    size = 7 + number
    for row in range(24):
        sheet.append(
            [row + 1, f"2025-{row // 2 + 1:02d}-{chance.randrange(1, 28):02d}", subjects[row * len(subjects) // 24], size,
             size - chance.randrange(2), people.any_name(chance), "按计划推进，责任到人"]
        )  # fmt: skip
    for column, width in zip("ABCDEFG", (6, 12, 18, 8, 8, 12, 24), strict=True):
        sheet.column_dimensions[column].width = width
    book.properties.creator = "qcportal"
    book.properties.created = FIXED
    out = io.BytesIO()
    book.save(out)
    return _with_fixed_dates(out.getvalue())


def _with_fixed_dates(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = old.read(entry)
            if entry == "docProps/core.xml":
                head, _, rest = data.partition(b"<dcterms:modified")
                data = head + rest.partition(b"</dcterms:modified>")[2]
            info = zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return out.getvalue()
