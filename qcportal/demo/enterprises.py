"""Invented companies with synthetic, valid credit codes: curated ones first, then as many as a benchmark needs."""

import random
from datetime import timedelta
from typing import NamedTuple

from applications import regions
from applications.models import Enterprise
from applications.validators import credit_code_check_char
from qcportal.demo import people
from qcportal.demo.source import Source


class Company(NamedTuple):
    name: str
    area: str
    address: str
    postcode: str
    industry: str
    scale: str
    employees: int
    domain: str
    parent_group: str = ""
    explanation: str = ""
    verified: bool = True


COMPANIES = (
    Company("青海湖光盐化股份有限公司", "632801", "海西州格尔木市察尔汗工业园创新路8号", "816000", "salt_lake", "large", 1250, "huguang", "湖光控股集团"),
    Company("青海云脊光伏发电有限公司", "632521", "海南州共和县恰卜恰镇光伏产业园1号", "813000", "clean_energy", "medium", 386, "yunji"),
    Company("海北金穗青稞食品有限公司", "632223", "海北州海晏县三角城镇工业路16号", "812200", "organic_farming", "medium", 215, "jinsui"),
    Company("青海瀚澄盐湖化工有限公司", "632801", "海西州格尔木市昆仑经济开发区2号", "816000", "salt_lake", "medium", 640, "hancheng"),
    Company("青海苍湟水电开发有限公司", "632523", "海南州贵德县河阴镇黄河路22号", "811700", "clean_energy", "large", 820, "canghuang", "苍湟能源集团"),
    Company("青海雪域牧源乳业有限公司", "630106", "西宁市湟中区甘河镇牧源路6号", "811600", "organic_farming", "large", 930, "muyuan"),
    Company("青海镁晶锂材科技有限公司", "632802", "海西州德令哈市工业园纬三路9号", "817000", "salt_lake", "medium", 472, "meijing", "湖光控股集团"),
    Company("海西朔风新能源有限公司", "632821", "海西州乌兰县希里沟镇风电路3号", "817100", "clean_energy", "small", 128, "shuofeng"),
    Company("玉树三源净土牧业有限公司", "632701", "玉树州玉树市结古街道净土路11号", "815000", "organic_farming", "small", 96, "sanyuan"),
    Company("青海河湟电网检修有限公司", "630105", "西宁市城北区柴达木西路57号", "810003", "power_grid", "large", 1680, "hehuang"),
    Company("西宁星宿轻金属有限公司", "630121", "西宁市大通县桥头镇人民路101号", "810100", "metallurgy", "large", 2140, "xingxiu"),
    Company("青海铸岳装备制造有限公司", "630105", "西宁市城北区生物园区经二路15号", "810016", "manufacturing", "medium", 560, "zhuyue"),
    Company("青海筑峰建设集团有限公司", "630103", "西宁市城中区南山路88号", "810000", "construction", "large", 1920, "zhufeng"),
    Company("循化积川公路养护有限公司", "630225", "海东市循化县积石镇沿河路30号", "811100", "transport", "small", 174, "jichuan"),
    Company("青海云雀通信服务有限公司", "630104", "西宁市城西区五四西路66号", "810008", "telecom", "medium", 430, "yunque"),
    Company("青海藏源堂药业有限公司", "630104", "西宁市城西区海湖新区文苑路5号", "810001", "medicine", "medium", 318, "zangyuantang"),
    Company("成都锦川机电安装有限公司", "510107", "四川省成都市武侯区锦川路19号", "610041", "construction", "medium", 705, "jinchuan", "",
            "总公司登记在四川省成都市。自2019年起在格尔木市设有常驻项目部，承担盐湖装置检修，分公司登记材料已寄秘书处。"),
    Company("德令哈新锐玻璃有限公司", "632802", "海西州德令哈市滨河路27号", "817000", "manufacturing", "small", 142, "xinrui", verified=False),
)  # fmt: skip
OWNER_NAMES = ("马启明", "才让东珠", "赵玥", "祁文澜", "刘堃", "冶成福", "萧珺", "巴图孟克", "德吉央宗", "王昇")

_FIRST = "昱澜峻霁泓睿祺翰钰茂旭瑞宸凌朗沐岚骏锦铭澄曜"
_SECOND = "川源岭泽域峰禾原海达通盛远和晟辉业程"
_TRADES = (
    ("盐湖科技", "salt_lake"), ("钾肥", "salt_lake"), ("新能源", "clean_energy"), ("光伏发电", "clean_energy"),
    ("牧业", "organic_farming"), ("青稞食品", "organic_farming"), ("电力检修", "power_grid"), ("铝业", "metallurgy"),
    ("机械制造", "manufacturing"), ("建筑工程", "construction"), ("公路养护", "transport"), ("药业", "medicine"),
)  # fmt: skip
_AREAS = ("630102", "630103", "630104", "630105", "630106", "630121", "630202", "630222", "632221", "632521", "632801")


def companies(count: int) -> list[Company]:
    """The curated ones, then generated ones with names of their own."""
    return [*COMPANIES[:count], *(_generated(number) for number in range(count - len(COMPANIES)))]


def _generated(number: int) -> Company:
    trade, industry = _TRADES[number % len(_TRADES)]
    rest = number // len(_TRADES)
    token = _FIRST[rest % len(_FIRST)] + _SECOND[rest // len(_FIRST) % len(_SECOND)]
    again = rest // (len(_FIRST) * len(_SECOND))
    area = _AREAS[number % len(_AREAS)]
    return Company(
        f"青海{token}{trade}{f'第{again + 1}' if again else ''}有限公司", area,
        f"{regions.CITIES[area[:4]]}工业园区{number % 90 + 1}号", "810000", industry,
        ("small", "medium", "large")[number % 3], 90 + number * 37 % 1800, f"qy{number + 1:05d}",
    )  # fmt: skip


def credit_code(area: str, serial: int) -> str:
    first = f"91{area}MA7{serial:06d}"
    return first + credit_code_check_char(first)


def build(source: Source, company: Company, serial: int, verifier_id: int | None) -> Enterprise:
    """The unsaved row of one company, registered long before the seasons shown."""
    chance: random.Random = source.stream("enterprise")
    registered = source.between(source.day(-760), source.day(-520), "enterprise")
    outside = company.area[:2] != "63"
    return Enterprise(
        uuid=source.uuid("enterprise"),
        credit_code=credit_code(company.area, 1001 + serial * 7),
        name=company.name,
        city="6328" if outside else company.area[:4],
        address=company.address,
        postcode=company.postcode,
        industry=company.industry,
        scale=company.scale,
        parent_group=company.parent_group,
        contact_name=people.any_name(chance),
        contact_phone=people.mobile(100 + serial),
        contact_email=f"zlb@{company.domain}.example",
        origin_explanation=company.explanation,
        origin_flagged=outside,
        verified_at=registered + timedelta(days=3) if company.verified else None,
        verified_by_id=verifier_id if company.verified else None,
        created_at=registered,
        is_demo=True,
    )
