"""The three variants of a topic and their steps (T/CAQ 10201-2020, domain.md 2.2). Pure Python."""

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class TopicType(StrEnum):
    SELF_SET = "self_set"
    DIRECTIVE = "directive"
    INNOVATION = "innovation"


LABELS = MappingProxyType(
    {
        TopicType.SELF_SET: "问题解决型·自定目标",
        TopicType.DIRECTIVE: "问题解决型·指令性目标",
        TopicType.INNOVATION: "创新型",
    }
)
CHOICES = [(kind.value, LABELS[kind]) for kind in TopicType]


class Step(NamedTuple):
    code: str
    label: str
    help: str


STEPS_BY_CODE = MappingProxyType(
    {
        step.code: step
        for step in (
            Step("select_topic", "选择课题", "说明选题理由：与方针目标、现场问题或顾客需求的联系，用数据说话。"),
            Step("current_state", "现状调查", "调查的时间、数据来源和分层分析，找出症结。"),
            Step("set_target", "设定目标", "目标应可测量，写明目标值和依据。"),
            Step("target_feasibility", "目标可行性论证", "论证指令性目标能否实现，症结解决到什么程度。"),
            Step(
                "target_and_feasibility", "设定目标及目标可行性论证", "目标与课题需求一致，依据借鉴的数据论证可行性。"
            ),
            Step("cause_analysis", "原因分析", "针对症结逐层分析到末端原因，逻辑关系清楚。"),
            Step("main_causes", "确定主要原因", "逐条到现场验证，依据末端原因对症结的影响程度判定。"),
            Step("best_plan", "提出方案并确定最佳方案", "提出总体方案与分级方案，用数据比较后选定。"),
            Step("countermeasures", "制定对策", "按 5W1H 制定对策表，对策与要因（方案）一一对应。"),
            Step("implementation", "对策实施", "逐条写明实施过程，每条对策实施后检查对策目标是否达到。"),
            Step("effect_check", "效果检查", "与课题目标对比，检查症结改善情况，核实经济和社会效益。"),
            Step("consolidation", "制定巩固措施", "有效措施纳入标准或制度，写明文件名称与编号，并跟踪巩固期数据。"),
            Step("standardization", "标准化", "评价推广应用价值，形成的标准、图纸、工艺文件等。"),
            Step("summary_next", "总结和下一步打算", "从专业技术、管理方法、小组综合素质三方面总结，提出下一课题。"),
        )
    }
)

_STEP_CODES: MappingProxyType[TopicType, tuple[str, ...]] = MappingProxyType(
    {
        TopicType.SELF_SET: (
            "select_topic", "current_state", "set_target", "cause_analysis", "main_causes",
            "countermeasures", "implementation", "effect_check", "consolidation", "summary_next",
        ),
        TopicType.DIRECTIVE: (
            "select_topic", "set_target", "target_feasibility", "cause_analysis", "main_causes",
            "countermeasures", "implementation", "effect_check", "consolidation", "summary_next",
        ),
        TopicType.INNOVATION: (
            "select_topic", "target_and_feasibility", "best_plan", "countermeasures",
            "implementation", "effect_check", "standardization", "summary_next",
        ),
    }
)  # fmt: skip


def steps_of(kind: str) -> list[Step]:
    """The steps of a topic type in order: 10 for both problem-solving variants, 8 for innovation."""
    return [STEPS_BY_CODE[code] for code in _STEP_CODES[TopicType(kind)]]
