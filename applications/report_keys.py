"""The keys of attachments 2 and 3, cell by cell. Pure Python.

``report.summary`` and ``report.statistics`` name a whole attachment, ``report.summary.<part>`` one of the six texts
or the uploaded document, ``report.statistics.<field>`` one row. Whoever names the whole names each of its cells.
"""

from applications import statistics

REPORT_SUMMARY = "report.summary"
REPORT_STATISTICS = "report.statistics"

# The guided sections of attachment 2 (domain.md 1.3), in printing order: field, title, guidance.
SUMMARY_SECTIONS = (
    ("summary_basics", "一、基本情况", "企业概况，小组登记注册、成员、课题与成果数量，可引用附件 3 的数据。"),
    ("summary_leadership", "二、组织领导与制度建设", "领导重视情况，推进机构和人员，小组活动管理、评价与激励制度。"),
    ("summary_training", "三、教育培训与推进措施", "培训场次与人次，指导、检查、交流、发表等推进做法。"),
    ("summary_results", "四、活动成果与效益", "成果与效益，写 1 至 2 个典型案例。"),
    ("summary_problems", "五、存在的问题", "推进中存在的不足及原因。"),
    ("summary_plans", "六、下一步打算", "下一年度的目标和措施。"),
)
DOCUMENT = "summary_file"
DOCUMENT_INPUT = "document"
SIGNERS = {"filled_by": "填表人", "responsible_person": "负责人"}


def _summary_key(field: str) -> str:
    return f"{REPORT_SUMMARY}.{field.removeprefix('summary_')}"


# Model field -> key. The document's name and pages go where the document goes.
KEYS: dict[str, str] = {
    **{field: _summary_key(field) for field, _title, _help in SUMMARY_SECTIONS},
    DOCUMENT: f"{REPORT_SUMMARY}.document",
    "summary_file_name": f"{REPORT_SUMMARY}.document",
    "summary_file_pages": f"{REPORT_SUMMARY}.document",
    **{field: f"{REPORT_STATISTICS}.{field}" for field in (*statistics.FIELDS, *SIGNERS)},
}

LABELS: dict[str, str] = {
    REPORT_SUMMARY: "附件 2 活动总结",
    **{_summary_key(field): f"附件 2·{title.split('、', 1)[1]}" for field, title, _help in SUMMARY_SECTIONS},
    f"{REPORT_SUMMARY}.document": "附件 2·上传的总结文件",
    REPORT_STATISTICS: "附件 3 统计表",
    **{
        f"{REPORT_STATISTICS}.{row.field}": f"附件 3·第 {row.number} 项 {row.label.removeprefix('其中：')}"
        for row in statistics.ROWS
        if row.field not in statistics.COMPUTED
    },
    **{f"{REPORT_STATISTICS}.{field}": f"附件 3·{label}" for field, label in SIGNERS.items()},
}


def input_of(key: str) -> str:
    """The name of the input that ``key`` is typed into; "" for a whole attachment."""
    part, _, cell = key.removeprefix("report.").partition(".")
    if not cell or part == "statistics":
        return cell
    return DOCUMENT_INPUT if cell == DOCUMENT_INPUT else f"summary_{cell}"


def in_part(key: str, part: str) -> bool:
    """Whether ``key`` is ``part`` itself or one of its cells."""
    return key == part or key.startswith(f"{part}.")
