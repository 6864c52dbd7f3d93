"""The first 常用语, and what the portal can say about the checklist lines that came with a programme."""

from django.db import migrations

BLOCKS = (
    ("form", "mc", "单位名称与营业执照不一致，请按营业执照上的名称填写；已更名的请在单位资料中登记曾用名。"),
    ("form", "zs", "证书用单位名称与营业执照不一致，请说明原因或改正。"),
    ("form", "sj", "活动起止日期与活动记录、效益证明中的日期不一致，请核对后改正。"),
    ("form", "nd", "活动时间不在本年度规定的范围内，请核对；跨年度的课题请在效果检查中说明。"),
    ("form", "rs", "小组人数与成员名单不一致，请核对。"),
    ("form", "dw", "直接经济效益的单位有误（元与万元），请核对金额。"),
    ("form", "js", "效益计算依据未列出单价、数量和计算过程，请补充，并与财务证明一致。"),
    ("report", "tj", "附件 3 的数据与附件 1 不一致，请核对统计口径后改正。"),
    ("report", "zj", "活动总结内容过于简单，请按提纲补充典型案例和数据。"),
    ("evidence", "gz", "财务效益证明缺少财务部门盖章，请补盖后重新上传。"),
    ("evidence", "xy", "缺少财务效益证明，请上传财务部门盖章的证明。"),
    ("evidence", "jl", "小组活动记录不完整，请补充各次活动的时间、内容和签到。"),
    ("evidence", "qx", "这一页不清晰，无法辨认，请重新扫描后上传。"),
    ("evidence", "dk", "文件打不开或内容为空，请重新上传。"),
    ("stamp", "sm", "盖章扫描件与系统中的最新版本不一致，请重新打印、盖章后上传。"),
    ("stamp", "yz", "公章不清晰或缺少负责人签字，请补齐后重新上传扫描件。"),
    ("decision", "ws", "材料基本完整，请按上述意见完善后重新提交。"),
    ("decision", "hp", "成果的效果尚需更长时间验证，建议下一期申报。"),
    ("decision", "bs", "申报单位不在本省注册，不属于本项活动的申报范围。"),
)
# Lines as they came with programmes made before there were hints.
HELPERS = {
    "单位在青海依法注册，营业执照已核验": "region",
    "申报表、活动总结、统计表齐全": "parts",
    "单位名称与证书用名一致": "names",
    "活动时间与证实性材料一致": "years",
    "财务部门确认经济效益并盖章": "finance",
    "小组活动记录完整": "records",
    "与已公布成果无重复": "repeated",
    "证实性材料清晰完整、可以打开": "readable",
}


def fill(apps, schema_editor):
    block = apps.get_model("applications", "TextBlock")
    if not block.objects.exists():
        block.objects.bulk_create(
            block(category=category, shortcut=shortcut, text=text, position=10 * position)
            for position, (category, shortcut, text) in enumerate(BLOCKS, 1)
        )
    item = apps.get_model("applications", "ChecklistItem")
    for text, helper in HELPERS.items():
        item.objects.filter(text=text, helper="").update(helper=helper)


class Migration(migrations.Migration):
    dependencies = [("applications", "0018_check")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
