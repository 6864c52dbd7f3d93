"""Names under which enterprises write the rows of attachment 3. Pure Python."""

from difflib import SequenceMatcher

from applications import statistics
from applications.imports.sheets import plain
from applications.imports.synonyms import given_names

SYNONYMS: dict[str, tuple[str, ...]] = {
    "employees": (
        "职工总数",
        "职工人数",
        "企业职工人数",
        "职工总人数",
        "企业职工总人数",
        "在册职工人数",
        "在册职工总数",
        "从业人员总数",
        "从业人数",
        "从业人员人数",
        "年末职工人数",
        "年末职工总数",
        "上年末职工总数",
        "单位职工总数",
    ),
    "groups_cumulative": (
        "累计登记注册小组数",
        "历年累计注册小组数",
        "累计注册小组数",
        "历年累计小组数",
        "累计小组数",
        "历年小组累计数",
        "历年登记注册小组数",
        "历年累计登记小组数",
    ),
    "groups_registered": (
        "本年登记注册小组数",
        "本年注册小组数",
        "登记注册小组数",
        "注册小组数",
        "本年登记小组数",
        "本年小组注册数",
    ),
    "groups_problem_solving": (
        "问题解决型",
        "问题解决型小组数",
        "问题解决型小组",
        "其中问题解决型小组数",
        "问题解决型课题数",
    ),
    "groups_innovation": ("创新型", "创新型小组数", "创新型小组", "其中创新型小组数", "创新型课题数"),
    "groups_active": (
        "本年开展活动小组数",
        "开展活动小组数",
        "本年活动小组数",
        "活动小组数",
        "开展活动的小组数",
        "本年开展活动的小组数",
    ),
    "participants": (
        "参加小组活动人数",
        "参加小组人数",
        "小组活动人数",
        "参与小组活动人数",
        "小组成员人数",
        "小组成员总数",
        "参加活动人数",
        "参加小组活动的职工人数",
        "参加小组活动职工人数",
        "小组人数",
    ),
    "results_count": ("本年取得成果数", "取得成果数", "成果数", "本年成果数", "小组成果数", "本年取得小组成果数"),
    "direct_benefit": (
        "本年小组直接经济效益",
        "本年直接经济效益",
        "直接经济效益",
        "本年小组直接效益",
        "小组直接效益",
        "本年经济效益",
        "小组直接经济效益",
        "本年可计算经济效益",
        "本年直接效益",
    ),
    "cumulative_benefit": (
        "累计经济效益",
        "历年累计效益",
        "累计效益",
        "历年累计直接经济效益",
        "累计直接经济效益",
        "历年累计可计算经济效益",
    ),
    "training_attendances": (
        "小组活动培训",
        "参加小组培训",
        "小组活动培训人次",
        "参加小组活动培训人次",
        "培训人次",
        "参加培训人次",
        "参加小组培训人次",
    ),
    "suggestions": ("合理化建议数", "小组成员合理化建议", "合理化建议", "合理化建议条数", "小组合理化建议数"),
    "promoters": (
        "推进者人数",
        "小组活动推进者",
        "推进者资格人数",
        "小组活动推进者人数",
        "具有推进者资格人数",
        "具有中国质协推进者资格人数",
        "具有中国质协qc推进者资格人数",
        "小组活动推进者资格人数",
    ),
    "awards_national": (
        "国家级优秀小组数",
        "国优小组数",
        "获国优小组数",
        "全国优秀小组数",
        "获全国优秀小组数",
        "国家级优秀小组",
    ),
    "awards_provincial": (
        "省级优秀小组数",
        "省优小组数",
        "获省优小组数",
        "省级优秀小组",
        "全省优秀小组数",
        "获省级小组数",
    ),
    "awards_municipal": (
        "市级优秀小组数",
        "获市级优秀小组数",
        "行业级优秀小组数",
        "市优小组数",
        "获市优小组数",
        "获市行业级优秀小组数",
        "地市级优秀小组数",
        "市行业级优秀小组数",
    ),
    "result_rate": ("小组成果率", "成果率"),
    "participation_rate": ("小组普及率", "普及率"),
    "activity_rate": ("小组活动率", "活动率"),
    "filled_by": ("填表人", "制表人", "填报人"),
    "responsible_person": ("负责人", "单位负责人", "审核人"),
}
CLOSE_ENOUGH = 0.86


def _known() -> dict[str, str]:
    found = {plain(row.label): row.field for row in statistics.ROWS}
    for field, names in SYNONYMS.items():
        found |= {plain(name): field for name in names}
    return found


KNOWN = _known()


class Match:
    """``exact`` is False for a name that is only close to a known one."""

    def __init__(self, field: str, exact: bool) -> None:
        self.field, self.exact = field, exact


def field_of(label: str) -> Match | None:
    """Which row a label means: known under this name, or so close to one (and only one) that it can mean no other."""
    name = plain(label)
    if not 2 <= len(name) <= 40:
        return None
    given = {
        plain(text): key.rsplit(".", 1)[-1]
        for text, key in given_names().items()
        if key.startswith("report.statistics.")
    }
    if name in given:
        return Match(given[name], True)
    if name in KNOWN:
        return Match(KNOWN[name], True)
    if len(name) < 5:
        return None
    scores: dict[str, float] = {}
    for known, field in KNOWN.items():
        ratio = SequenceMatcher(None, name, known).ratio()
        scores[field] = max(scores.get(field, 0), ratio)
    first, second = sorted(scores.items(), key=lambda item: -item[1])[:2]
    if first[1] >= CLOSE_ENOUGH and first[1] - second[1] >= 0.04:
        return Match(first[0], False)
    return None
