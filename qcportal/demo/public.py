"""What the public site shows besides programmes: the association, notices, blank forms."""

from datetime import date

from django.db import transaction

from applications.models import Association, Notice
from applications.packets import blanks
from qcportal.demo.source import Source
from qcportal.demo.timeline import Season

OFFICE = {"postcode": "810001", "office_hours": "工作日 9:00—12:00，14:30—18:00"}
NOTICE_2026 = """各市（州）工会、妇联、科协，省各行业协会，各有关单位：

为深入推进群众性质量活动，青海省质量管理协会、青海省总工会办公室、青海省妇女联合会办公室、青海省科学技术协会办公室联合组织开展青海省第 48 次质量管理小组活动。

一、申报材料包括《青海省优秀质量管理小组申报表》（附件 1）、《2025 年企业质量管理小组活动总结》（附件 2）、《企业质量管理小组活动统计表》（附件 3）及小组活动记录等证实性材料，均加盖公章，报送纸质版 1 份。

二、受理截止时间：第一期 2026 年 6 月 30 日，第二期 2026 年 10 月 20 日。

三、凡在青海省境内依法注册的企业法人单位（包括外地企业在青设立的分支机构）均可报名，择优推荐，申报数量不限。

四、同时评选盐湖化工产业、清洁能源产业、绿色有机农畜产品领域三项质量管理小组奖，与活动同时申报、同时评审、单独评奖。"""


PAGES = (
    (
        "about",
        "关于本活动",
        "质量管理小组（QC小组）活动由青海省质量管理协会联合有关单位每年组织，分两期受理申报。\n\n# 参加方式\n\n- 单位在平台注册，核验营业执照\n- 每个小组填写附件 1，单位填写附件 2 和附件 3\n- 打印盖章，上传扫描件，寄送一份纸质材料\n\n各期时间见[活动日历](/calendar/)。",
    ),
    (
        "faq",
        "常见问题",
        "# 填报\n\n**可以多人一起填吗？** 可以。负责人邀请填报人，每人填自己的小组。\n\n**提交后还能改吗？** 截止之前、审查开始之前可以修改后再次提交。\n\n# 材料\n\n| 材料 | 份数 | 形式 |\n| 附件 1 申报表 | 每组 1 份 | 网上填写，打印盖章 |\n| 附件 2、附件 3 | 每单位 1 份 | 网上填写，打印盖章 |\n| 证实性材料 | 按清单 | 网上上传 |",
    ),
)


def build(source: Source) -> None:
    """Office hours, the year's notice, four demonstration notices. The association's row is there."""
    with transaction.atomic():
        Association.objects.update(**OFFICE)
        Notice.objects.create(
            slug="2026-48", title="关于开展青海省第 48 次质量管理小组活动推进工作的通知", body=NOTICE_2026,
            published_on=date(2026, 6, 4), is_published=source.today >= date(2026, 6, 4),
        )  # fmt: skip
        for slug, title, body, days in _notices():
            Notice.objects.create(slug=slug, title=f"【演示】{title}", body=body, published_on=source.day(days).date())
        for position, (slug, title, body) in enumerate(PAGES, 1):
            Notice.objects.create(
                kind="page", slug=slug, title=title, body=body, published_on=source.day(-100).date(), place="foot",
                position=position * 10,
            )  # fmt: skip


def _notices() -> list[tuple[str, str, str, int]]:
    return [
        (
            "demo-results", "上一季优秀质量管理小组评审结果公布",
            "评审工作已经结束，结果见“结果公布”栏目。如有异议，请在公示期内以书面形式向秘书处提出，并写明单位、联系人和电话。\n\n感谢各单位的支持。", -178,
        ),
        (
            "demo-filing", "第二期网上申报开放",
            "第二期申报已经开放，请各单位登录平台填写附件 1、附件 2、附件 3，上传证实性材料，并在截止时间前提交。\n\n提交后请打印材料，加盖公章，寄送秘书处。", -34,
        ),
        (
            "demo-event", "第一期成果技术交流发布会安排",
            "第一期发布会将于近期在西宁举行，入选名单与发表顺序抽签后公布。每组发表 12 分钟，提问 5 分钟。\n\n请各单位提前准备发表材料。", -10,
        ),
        (
            "demo-training", "《质量管理小组活动准则》标准讲解培训通知",
            "培训面向推进质量管理小组活动的企业人员，讲解活动程序、统计方法和常见问题，含现场练习。\n\n请通过平台留言报名。", -5,
        ),
    ]  # fmt: skip


def install_templates(season: Season) -> None:
    """The blank forms of the season that files now."""
    programme = season.open.programme
    awards = tuple(programme.special_awards.values_list("name", flat=True))
    blanks.install(programme.data_year, awards, programme.fields)
