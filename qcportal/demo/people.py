"""Names of invented people: Han, Tibetan, Hui, Mongolian, Salar and Tu, with characters outside GB2312."""

import random
from typing import NamedTuple

HAN = [
    "王昇",
    "李文静",
    "张喆",
    "刘堃",
    "陈玥",
    "杨振华",
    "赵守正",
    "周婉清",
    "吴建国",
    "郑秀兰",
    "孙昊然",
    "朱雨桐",
    "胡志强",
    "林晓燕",
    "何永祥",
    "高婷",
    "罗晨",
    "宋佳慧",
    "谢东升",
    "唐雪",
    "韩志远",
    "冯丽娟",
    "邓宏伟",
    "曹颖",
    "彭立军",
    "曾巧玲",
    "萧珺",
    "田野",
    "董玉梅",
    "潘国栋",
    "蒋昉",
    "蔡锦程",
    "余海峰",
    "杜若琳",
    "叶子昂",
    "程淑芳",
    "魏祎",
    "苏铭",
    "吕春梅",
    "丁犇",
    "任怡",
    "卢俊杰",
    "姚沛霖",
    "祁文澜",
    "祁永福",
    "星占林",
    "逯启明",
    "晁生贵",
]
TIBETAN = [
    "扎西多杰",
    "卓玛措",
    "才让东珠",
    "仁青卓玛",
    "索南达杰",
    "拉毛吉",
    "多杰才旦",
    "桑吉加",
    "才旦卓玛",
    "旦正加",
    "娘吉措",
    "尕藏尼玛",
    "更藏扎西",
    "德吉央宗",
    "公保才让",
    "李毛措",
    "万玛才旦",
    "拉姆",
    "久美多杰",
    "白玛央金",
]
HUI = [
    "马明辉",
    "马玉兰",
    "冶成福",
    "韩进忠",
    "喇国强",
    "妥海燕",
    "马启明",
    "马晓梅",
    "冶玉珍",
    "马生龙",
    "绽国祥",
    "马骏",
    "白秀英",
    "马忠义",
    "苗雪芹",
]
MONGOLIAN = ["乌兰图雅", "巴图孟克", "其其格", "苏荣扎布", "德吉才仁", "敖特根", "那木加", "才仁道尔吉", "萨仁花"]
SALAR = ["韩穆萨", "马乙四夫", "韩索菲娅", "韩阿卜都", "韩建业", "马哈三", "韩玉秀", "阿丽娅·韩"]
TU = ["东永学", "鲍占财", "席玉莲", "吉守仁", "乔秀花", "麻宝珠"]
WOMEN = set("静玥清兰桐燕婷慧雪娟颖玲珺梅琳芳祎怡措玛吉宗姆金英珍芹雅格花秀莲珠娅燕".strip())

TITLES = ("高级工程师", "工程师", "助理工程师", "高级技师", "技师", "高级工", "中级工", "班长", "质检员", "工艺员")
EDUCATIONS = ("本科", "大专", "本科", "硕士", "中专", "大专")
DUTIES = (
    "全面负责、组织策划", "方案制定、技术指导", "数据收集、统计分析", "现场实施、措施落实", "设备改造、安全监督",
    "效果验证、资料整理", "培训组织、成果编写", "图表绘制、记录归档", "财务核算、效益确认", "标准编制、巩固跟踪",
)  # fmt: skip


class Person(NamedTuple):
    name: str
    gender: str
    education: str
    job_title: str


def group_of(chance: random.Random, size: int) -> list[Person]:
    """``size`` different people as they meet in a Qinghai workshop; the first will be the leader."""
    pools = (HAN, HAN, HAN, HUI, TIBETAN, MONGOLIAN, SALAR, TU)
    names: dict[str, None] = {}
    while len(names) < size:
        names[chance.choice(pools[chance.randrange(len(pools))])] = None
    return [
        Person(name, gender_of(name), chance.choice(EDUCATIONS), TITLES[min(place // 2 + chance.randrange(4), 9)])
        for place, name in enumerate(names)
    ]


def gender_of(name: str) -> str:
    return "f" if name.split("·")[0][-1] in WOMEN else "m"


def any_name(chance: random.Random) -> str:
    return chance.choice(chance.choice((HAN, HAN, HUI, TIBETAN, MONGOLIAN, SALAR, TU)))


def mobile(number: int) -> str:
    """From a block that belongs to nobody: 139 0000 and four digits."""
    return f"1390000{number % 10_000:04d}"
