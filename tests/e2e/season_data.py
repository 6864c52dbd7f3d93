"""The enterprises and filings of the season's journey: invented, the same every time, each with numbers of its own."""

import io
from datetime import time, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from applications.actions import ownership
from applications.actions.programmes import create_programme
from applications.models import Application, Enterprise, Round
from qcportal import clock, files
from qcportal.models import OutboxMessage, SendingRules, User
from tests import factories
from tests.applications import checked

# Name, city, industry; each files two groups.
UNITS = (
    ("格尔木盐泽钾肥有限公司", "6328", "salt_lake"), ("西宁河湟电网检修有限公司", "6301", "power_grid"),
    ("互助青稞坊酒业有限公司", "6302", "organic_farming"), ("海东古驿供水有限公司", "6302", "other"),
    ("共和塔拉光伏发电有限公司", "6325", "clean_energy"), ("刚察牧源食品有限公司", "6322", "organic_farming"),
    ("大通北川铝业有限公司", "6301", "metallurgy"), ("贵德龙峡水电有限公司", "6325", "clean_energy"),
    ("德令哈柏树枸杞制品有限公司", "6328", "organic_farming"), ("同仁热贡藏毯有限公司", "6323", "manufacturing"),
    ("青海峡口公路工程有限公司", "6301", "construction"), ("玉树三江源建设有限公司", "6327", "construction"),
    ("西宁湟水环保科技有限公司", "6301", "other"), ("青海云脉铁路设备有限公司", "6302", "transport"),
    ("玛沁高原民用机场服务有限公司", "6326", "transport"), ("西宁南凉医药物流有限公司", "6301", "medicine"),
    ("茫崖昆仑矿业有限公司", "6328", "metallurgy"), ("甘河镁业股份有限公司", "6301", "metallurgy"),
    ("青海晶川玻璃有限公司", "6302", "manufacturing"), ("门源祁连乳业有限公司", "6322", "organic_farming"),
)  # fmt: skip
OBJECTS = (
    "钾肥干燥", "光卤石输送", "变压器检修", "输电线路覆冰", "青稞酒灌装", "酒糟脱水", "牧区饮水管", "供水水表",
    "光伏组件清洗", "箱变散热", "牦牛肉冷链", "酸奶灌装封口", "铝锭浇铸", "电解槽阴极", "水电站闸门", "尾水泵组",
    "枸杞烘干", "果渣分选", "藏毯染色", "纺纱断头", "公路沥青摊铺", "隧道衬砌", "桥梁支座", "塔吊回转",
    "污水曝气", "热力管网", "铁路道岔", "接触网绝缘子", "机场除冰", "行李传送", "医院输液", "药材切片",
    "尾矿筛分", "矿山充填", "镁锭酸洗", "镁渣冷却", "玻璃退火", "熔窑换向", "乳品杀菌", "风机齿轮箱",
)  # fmt: skip
FILINGS = len(OBJECTS)
# They have a draft and never pressed submit: one of them asks for more time.
ASKS, FORGETS = "青海湖畔毛纺有限公司", "河湟花卉种植有限公司"


class Season(NamedTuple):
    round_: Round
    secretary: User
    asks: Application
    forgets: Application


def begin() -> Season:
    """Twenty enterprises with two filings each in a round that is open now, two of them not verified; two enterprises
    more with a draft."""
    round_ = _round()
    # At night reminders wait for the morning: this journey is walked at any hour.
    SendingRules.objects.create(
        pk=1, quiet_on=False, quiet_from=time(21, 30), quiet_to=time(7, 30), digest_at=time(8, 30), holds={},
        reminders={}, channels={},
    )  # fmt: skip
    secretary = factories.staff(username="secretary", name="陈雪梅")
    for number, (name, city, industry) in enumerate(UNITS):
        person = _owner(f"unit{number}", name, city, industry)
        _report(person, round_, number)
        for topic in OBJECTS[2 * number : 2 * number + 2]:
            row = factories.complete_draft(
                person, round_, group_name=f"{topic}QC小组", topic_name=f"降低{topic}故障次数",
                contact_email=f"contact{number}@example.test",
            )  # fmt: skip
            _own_files(row)
            factories.explain(row, person)
            checked.submitted_draft(row, person)
        if number >= 2:
            checked.verify(factories.enterprise_of(person), actor=secretary)
        else:
            _licence(person)
    asks = _draft("asks", ASKS, "缩短骆驼毛梳理停机时间", round_, len(UNITS))
    forgets = _draft("forgets", FORGETS, "提高郁金香种球贮藏合格率", round_, len(UNITS) + 1)
    return Season(round_, secretary, asks, forgets)


def _round() -> Round:
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    create_programme(year=today.year)
    Round.objects.filter(programme__year=today.year, number=2).delete()
    round_ = Round.objects.get(programme__year=today.year, number=1)
    Round.objects.filter(pk=round_.pk).update(
        opens_at=today - timedelta(days=9), closes_at=today + timedelta(days=9),
        stamped_due_at=today + timedelta(days=16), paper_due_at=today + timedelta(days=16),
    )  # fmt: skip
    round_.refresh_from_db()
    return round_


def _owner(username: str, name: str, city: str = "6301", industry: str = "other") -> User:
    person = factories.enterprise_owner(username=username, enterprise_name=name)
    Enterprise.objects.filter(pk=factories.enterprise_of(person).pk).update(city=city, industry=industry)
    return person


def _report(person: User, round_: Round, number: int) -> None:
    """Attachment 3 with numbers that differ, so that a sum of the wrong ones is another sum."""
    factories.report(
        factories.enterprise_of(person), round_.programme, employees=800 + 37 * number,
        groups_cumulative=60 + 5 * number, groups_registered=12 + number, groups_active=11 + number,
        participants=90 + 8 * number, results_count=8 + number, direct_benefit=Decimal("1284500.40") + 73250 * number,
        cumulative_benefit=Decimal("12845000.00") + 732500 * number,
    )  # fmt: skip


def _own_files(application: Application) -> None:
    """No file is another filing's, and each has something to read for whoever looks at the pictures."""
    for evidence in application.evidence.all():
        page = sheet(application.topic_name, evidence.name.removesuffix(".pdf"), "（样例，仅供演示）")
        evidence.file = files.store(page, "application/pdf")
        evidence.save(update_fields=["file"])


def _licence(person: User) -> None:
    unit = factories.enterprise_of(person)
    page = sheet("营业执照（样例）", f"名称　{unit.name}", f"统一社会信用代码　{unit.credit_code}", form="JPEG")
    file = ownership.ProofFile(files.store(page, "image/jpeg"), "营业执照.jpg")
    ownership.add_proof(unit, actor=person, kind="licence", file=file)


def documents_wait() -> None:
    """Nobody looks at the documents of this journey: a worker that draws previews for it need not make them first."""
    waiting = OutboxMessage.objects.filter(state="pending", queue="documents")
    waiting.update(available_at=clock.now() + timedelta(hours=1))


def sheet(*lines: str, form: str = "PDF") -> bytes:
    """One A4 page with these lines in large type."""
    page = Image.new("L", (744, 1052), "white")
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        draw.text((90, 140 + 70 * number), line, font=_type(34 if number == 0 else 24), fill="black")
    out = io.BytesIO()
    page.save(out, form, resolution=90)
    return out.getvalue()


@cache
def _type(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", size)


def _draft(username: str, name: str, topic: str, round_: Round, number: int) -> Application:
    person = _owner(username, name)
    _report(person, round_, number)
    row = factories.complete_draft(
        person, round_, group_name=f"{name[2:4]}QC小组", topic_name=topic, contact_email=f"{username}@example.test"
    )
    factories.explain(row, person)
    return row
