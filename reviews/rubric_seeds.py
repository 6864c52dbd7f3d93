"""The review sheets of T/CAQ 10201-2020 (annex B) as data: points as published, guidance in our own words.

Pure Python. Loaded by reviews.actions.rubrics.seed_rubrics; the secretariat may add other editions.
"""

from decimal import Decimal
from typing import NamedTuple

from applications.topics import TopicType

EDITION = "T/CAQ 10201-2020"
# Compared among equal totals (design, section 6): 原因分析 or 提出方案并确定最佳方案.
TIE_ITEM_CODE = "analysis"


class ItemSeed(NamedTuple):
    code: str
    name: str
    points: int
    guidance: str


class RubricSeed(NamedTuple):
    sheet: str
    name: str
    topic_types: tuple[str, ...]
    items: tuple[ItemSeed, ...]


STEP = Decimal("0.5")
SOLVING = (TopicType.SELF_SET.value, TopicType.DIRECTIVE.value)

RUBRICS = (
    RubricSeed(
        "result",
        "成果评审表（问题解决型）",
        SOLVING,
        (
            ItemSeed(
                "topic", "选题", 15, "课题与上级方针目标、现场问题或顾客需求相联系；现状数据充分，目标可测量、有依据。"
            ),
            ItemSeed(
                TIE_ITEM_CODE,
                "原因分析",
                30,
                "围绕症结逐层分析到末端，因果清楚；要因逐条到现场验证，依据影响判定。",
            ),
            ItemSeed(
                "measures",
                "对策与实施",
                20,
                "对策与要因一一对应，5W1H 完整，目标可检查；按对策实施，逐条检查效果。",
            ),
            ItemSeed("effect", "效果", 20, "与课题目标对比，达到目标；效益实事求是；有效措施已标准化，成员有提高。"),
            ItemSeed("report", "成果报告", 5, "内容真实，前后连贯有逻辑；以图表、数据为主，通俗易懂。"),
            ItemSeed("features", "特点", 10, "课题体现小、实、活、新；统计方法运用正确、适宜。"),
        ),
    ),
    RubricSeed(
        "result",
        "成果评审表（创新型）",
        (TopicType.INNOVATION.value,),
        (
            ItemSeed("topic", "选题", 20, "针对需求提出，借鉴思路清楚；目标与需求一致，用借鉴的数据论证可行。"),
            ItemSeed(
                TIE_ITEM_CODE,
                "提出方案并确定最佳方案",
                30,
                "总体方案有创新且相对独立；分级方案可比较，用试验和数据逐级选定。",
            ),
            ItemSeed("measures", "对策与实施", 20, "对策与最佳方案逐项对应，5W1H 完整；按对策实施，每项确认结果。"),
            ItemSeed("effect", "效果", 15, "达到课题目标；经济、社会效益真实；成果有推广价值并已标准化。"),
            ItemSeed("report", "成果报告", 5, "内容真实，逻辑清楚；以图表、数据为主，通俗易懂。"),
            ItemSeed("features", "特点", 10, "体现创新思维，课题具体务实；统计方法运用正确、适宜。"),
        ),
    ),
    RubricSeed(
        "on_site",
        "现场评审表",
        (),
        (
            ItemSeed("organisation", "小组的组织", 10, "小组和课题已注册登记；成员出勤、参与情况；按计划开展活动。"),
            ItemSeed(
                "records",
                "活动情况与活动记录",
                30,
                "按程序开展活动；记录、原始数据真实完整；现场、记录与发表材料一致。",
            ),
            ItemSeed(
                "validity",
                "活动真实性与有效性",
                30,
                "现场确有改进，专业技术上成立；效益经相关部门认可；统计方法应用正确。",
            ),
            ItemSeed("upkeep", "成果的维持与巩固", 20, "目标已现场核实；有效措施纳入标准并得到执行；成果在持续使用。"),
            ItemSeed("education", "小组教育", 10, "成员了解活动步骤和方法；质量意识、能力在活动中得到提高。"),
        ),
    ),
)
