"""Which kind of evidence a file name speaks of. The pages carry the same words to the browser."""

from applications.models import EvidenceKind

# In this order: 小组活动记录报告 is a record, 效益证明 is not an honour.
WORDS: dict[str, tuple[str, ...]] = {
    EvidenceKind.LICENCE: ("营业执照", "执照", "法人证书"),
    EvidenceKind.BENEFIT: ("效益", "财务", "节约", "创效", "审计", "收益"),
    EvidenceKind.RECORDS: ("活动记录", "会议记录", "记录", "签到", "纪要", "台账"),
    EvidenceKind.STANDARD: ("标准", "作业指导", "规程", "制度", "工艺卡", "操作法"),
    EvidenceKind.HONOUR: ("获奖", "专利", "荣誉", "奖状", "证书", "表彰"),
    EvidenceKind.REPORT: ("成果报告", "成果材料", "课题报告", "报告", "成果", "发布稿"),
    EvidenceKind.PHOTO: ("照片", "现场", "图片", "合影", "img_", "dsc", "微信图片", "mmexport", "wx_camera"),
}


def guess(name: str) -> str:
    """The kind, or "" when the name says nothing."""
    name = name.lower()
    return next((str(kind) for kind, words in WORDS.items() if any(word in name for word in words)), "")
