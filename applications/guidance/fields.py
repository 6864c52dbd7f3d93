"""What the portal says beside the fields as long as the secretariat says nothing else: attachments, profile.

One ``Advice`` a key (applications.sections), written for people who file for the first time. Examples are invented.
Pure Python.
"""

from types import MappingProxyType
from typing import NamedTuple


class Advice(NamedTuple):
    """``hint`` stands below the field; ``good`` (a line a point) and ``example`` unfold.

    ``shortest`` and ``longest`` are the recommended length in characters without spaces, 0 for none;
    ``minutes`` is what filling the field in takes somebody who has the papers at hand.
    """

    hint: str = ""
    good: str = ""
    example: str = ""
    shortest: int = 0
    longest: int = 0
    minutes: int = 1


_CONTACT = {
    "certificate_unit_name": Advice(
        "印在证书上的单位名称，默认取自单位资料，须与公章一致，不用简称。", example="青海澄澜盐湖科技有限公司"
    ),
    "completing_units": Advice(
        "与申报单位共同完成成果的其他单位，每行一个全称，最多 5 个；独立完成的不填。",
        "只写确实参加了本课题活动的单位，供货方、上级主管部门不算。\n先后次序就是证书上的次序。",
        "青海澄澜盐湖科技有限公司包装分厂\n青海高原盐湖装备有限公司",
    ),
    "contact_name": Advice("秘书处就本项申报联系的人，应熟悉材料内容。"),
    "contact_phone": Advice("手机号码，或带区号的固定电话，例如 0971-6137890。补正期限短，请填能及时接听的号码。"),
    "contact_email": Advice("提交回执和审查意见发到这里，例如 name@example.com。"),
}
_GROUP = {
    "group_name": Advice("与企业登记注册的名称一致，将印在证书上。", example="红柳QC小组"),
    "group_registration_number": Advice("企业为小组登记注册的编号，见小组注册登记表。", example="HG-QC-2025-011"),
    "group_registered_on": Advice("本年度注册登记的日期，应不晚于活动开始日期。"),
    "group_founded_on": Advice("小组最初成立的日期，记不清某日的填当月 1 日。"),
    "topic_registration_number": Advice("企业为本课题登记的编号，没有单独编号可不填。", example="HG-KT-2025-023"),
    "leader_name": Advice("与下方成员名单中的组长一致。"),
    "member_count": Advice("含组长，应与下方成员名单人数相等，一般 3 至 10 人。"),
    "activity_starts_on": Advice("本课题第一次活动的日期，以活动记录为准。"),
    "activity_ends_on": Advice("总结完成的日期，应含效果检查和巩固期，一般不少于半年。"),
    "activity_count": Advice("与活动记录的次数一致，平均每月不少于一次。"),
    "attendance_rate": Advice("实到人次 ÷ 应到人次 × 100，例如应到 192、实到 185，填 96.35。"),
    "training_hours": Advice("全体成员接受质量管理教育的总学时 ÷ 人数，例如 48。"),
    "members": Advice(
        "把组长列在第一行，组内分工写到每人实际做的工作。",
        "分工写具体的活动环节，不要人人都写“参与”。\n"
        "只写真正参加活动的人，领导挂名会在现场核实时影响评价。\n"
        "名单与活动记录的签到应一致；获奖后证书名单以此为准，截止后不能增减。",
        "韩志远　组长　组织策划、对策制定\n扎西多杰　组员　现场测试、数据采集\n李文静　组员　统计分析、报告编写",
        minutes=3,
    ),
}
_TOPIC = {
    "topic_name": Advice(
        "一般写成“对象＋问题＋结果”，例如“提高碳酸锂包装一次合格率”，不用口号。",
        "写清改进什么、哪个特性、提高还是降低，让人一眼看出目标。\n"
        "创新型用“研制”“研发”“新方法”等字样。\n"
        "不带手段：“应用 QC 方法提高……”、口号式“精益求精创一流”都不合适。\n"
        "应是小组力所能及的小课题，与目标值用同一个特性。",
        "问题解决型：降低氯化钾离心机母液带料率\n创新型：研制盐田采卤泵防结盐装置",
        8,
        30,
        1,
    ),
    "topic_type": Advice(
        "目标由小组自己定的选“自定目标”，由上级或顾客下达的选“指令性目标”，做出原来没有的产品、方法或工具的选“创新型”。",
        "在原有基础上改进，有现状数据可查：问题解决型。\n"
        "现有的做法满足不了需求，要从无到有：创新型；创新型不做现状调查，须有借鉴。\n"
        "拿不准时，看成果报告有没有“现状调查”和“原因分析”。",
    ),
    "group_intro": Advice(
        "小组的构成、活动特点和以往成果。",
        "写何时成立、成员来自哪些岗位、骨干的专长。\n写活动频次、是否持证、近三年的成果和获奖。\n不写个人荣誉的长清单。",
        "红柳QC小组 2019 年成立，6 名成员来自包装车间操作、设备和检验岗位，其中中级推进者 2 人。"
        "小组坚持每月活动两次，近三年完成课题 4 项，2 项获省优秀成果，累计减少返工 900 余袋。",
        100,
        300,
        2,
    ),
}
_RESULTS = {
    "target_value": Advice("与课题名称同一特性，写出由多少到多少，带单位。", example="一次合格率由 96.0% 提高到 97.7%"),
    "actual_value": Advice(
        "效果检查得到的数值，与目标同一口径，写明时间段。", example="97.95%（2025 年 8 至 10 月平均）"
    ),
    "economic_benefit": Advice(
        "只计活动期内实现并由财务部门核实的净效益，单位是万元。没有直接经济效益的填 0。",
        "净效益 = 节约或增收 − 活动投入费用。\n"
        "不预计以后年度，不把同一效益算给两个小组。\n"
        "按元记账的先除以 10000：462000 元填 46.2。",
        "46.2（即 462,000 元）",
        minutes=2,
    ),
    "activity_cost": Advice("为本课题实际发生的材料、改造、外委和检测费用，单位是万元；没有发生的填 0。"),
    "benefit_basis": Advice(
        "写明计算公式、数据来源和核实部门。填写了效益金额时必填。",
        "一行公式、一行代入数字、一行扣除投入。\n单价、产量写明出处，与财务效益证明一致。\n证明须有财务部门盖章，作为证实性材料上传。",
        "每月少返工 55 袋 × 12 个月 × 每袋返工损失 840 元 = 554,400 元；扣除活动投入 92,400 元，"
        "净效益 462,000 元，即 46.2 万元。单价取自财务部 2025 年成本表，财务部 12 月 5 日核实。",
        60,
        300,
        2,
    ),
    "social_benefit": Advice(
        "对安全、环保、顾客、行业的好处，能用数据的写数据。",
        "写谁受益、好了多少。\n没有数据支持的“提升企业形象”可以不写。",
        "包装间粉尘浓度由 6.2 毫克/立方米降到 3.1 毫克/立方米，岗位员工投诉由每季 4 次降为 0。",
        30,
        200,
        2,
    ),
    "main_results": Advice(
        "形成的标准、制度、工艺、图纸等，写名称和编号。",
        "一行一项：名称、编号、生效日期。\n推广到哪些产线或单位，用在哪里。",
        "《碳酸锂包装机封口温度控制规程》（HG-GY-2025-07，2025 年 11 月 1 日实施）\n包装岗位点检表增加“加热块间隙”一项，已在 4 台包装机使用",
        40,
        300,
        2,
    ),
    "honours": Advice(
        "本成果已获的奖励、专利、工法等，写名称、级别、时间，没有可不填。",
        example="2025 年 12 月获公司优秀质量管理小组成果一等奖",
    ),
}
_AWARDS = {
    "special_awards": Advice(
        "单项奖与优秀小组同时申报、同时评审、单独表彰，不另交材料。",
        "对照每项下面的申报条件选择，符合几项选几项。\n课题内容要与该领域直接相关；只是企业属于该行业还不够。\n不申报也要选“不申报单项奖”，这一部分才算完成。",
        minutes=1,
    ),
    "recommending_unit": Advice("所在市州或行业协会，可以不选，直接向省协会申报。选择前请先与推荐单位联系。"),
    "evidence": Advice(
        "成果报告、小组活动记录和财务效益证明必须上传，其他材料按需补充。",
        "成果报告：按活动步骤编写，图表清晰，与申报表数据一致。\n"
        "活动记录：每次活动的日期、到会人员、内容和原始数据，与活动次数相符。\n"
        "效益证明：财务部门出具并盖章，金额与申报表一致；效益填 0 的不需要。\n"
        "扫描件端正清晰，同类材料合并成一个 PDF。",
        "红柳QC小组_成果报告.pdf\n红柳QC小组_活动记录_2025年1-11月.pdf\n红柳QC小组_财务效益证明.pdf",
        minutes=2,
    ),
}
_SUMMARY = {
    "report.summary_basics": Advice(
        "企业概况，小组登记注册、成员、课题与成果数量，可引用附件 3 的数据。",
        "先用两三句话介绍企业，再写小组活动的规模。\n数字与附件 3 一致，并与上年比较。",
        "公司现有职工 1250 人，2025 年登记注册小组 20 个，有 160 人参加，普及率 12.80%；"
        "开展活动 18 个，活动率 90.00%；取得成果 12 项，比上年多 2 项。",
        200,
        400,
        4,
    ),
    "report.summary_leadership": Advice(
        "领导重视情况，推进机构和人员，小组活动管理、评价与激励制度。",
        "写谁分管、哪个部门负责、推进人员几名。\n写制度名称和今年的变化，奖励落实到位的写金额和人次。",
        "质量副总经理任推进委员会主任，质量部设专职推进者 2 人、各车间兼职 9 人。"
        "修订《QC小组活动管理办法》，增加课题登记前审核；全年奖励成果 12 项、18.6 万元。",
        200,
        500,
        4,
    ),
    "report.summary_training": Advice(
        "培训场次与人次，指导、检查、交流、发表等推进做法。",
        "写做了几次、多少人参加、请谁讲、解决了什么问题。\n写对小组活动过程的指导和中期检查，不只写年底评审。",
        "全年培训 4 场 216 人次，其中 2024 版准则宣贯 1 场；推进者每季到组指导，共 72 次；"
        "7 月组织中期检查，退回修改课题 3 项；11 月举办发表会，9 个小组交流。",
        300,
        600,
        4,
    ),
    "report.summary_results": Advice(
        "成果与效益，写 1 至 2 个典型案例。",
        "先写总量：成果数、效益、获奖级别。\n案例写清问题、关键措施、数据变化和推广情况，每个 200 字左右。",
        "全年成果 12 项，直接经济效益 386.25 万元，获省优秀 2 项。"
        "红柳QC小组针对包装封口不严，改进加热块间隙和温度控制，一次合格率由 96.0% 提高到 97.95%，已推广到 4 台包装机。",
        400,
        800,
        5,
    ),
    "report.summary_problems": Advice(
        "推进中存在的不足及原因。",
        "写真实的两三个问题，每个都说原因。\n不写“有待进一步加强”一类的空话。",
        "辅助部门参与少，20 个小组中后勤和销售只有 1 个，主要是选题辅导不足；"
        "部分小组统计方法单一，原始数据保存不全，追溯困难。",
        150,
        400,
        3,
    ),
    "report.summary_plans": Advice(
        "下一年度的目标和措施。",
        "目标用数字，措施对应上面的问题，写明责任部门和时间。",
        "2026 年登记小组不少于 24 个，普及率达到 15%；3 月前为后勤、销售各配 1 名推进者；"
        "4 月举办统计方法专题培训；建立原始数据存档模板，由质量部每季检查。",
        150,
        400,
        3,
    ),
    "report.summary": Advice(minutes=23),
    "report.statistics": Advice(minutes=1),
}
_ENTERPRISE = {
    "enterprise.name": Advice("与营业执照一致的全称。核验后改名需重新核验。", example="青海澄澜盐湖科技有限公司"),
    "enterprise.certificate_name": Advice("印在证书上的名称，与单位名称相同可不填；证书按提交时的名称印制。"),
    "enterprise.industry": Advice("按主营业务选择，用于分组评审。"),
    "enterprise.scale": Advice("按统计上大中小微型企业划分办法选择。"),
    "enterprise.parent_group": Advice("所属集团公司全称，没有可不填。", example="青海澄澜集团有限公司"),
    "enterprise.city": Advice("按信用代码预填，实际生产地不同的可以修改。"),
    "enterprise.postcode": Advice("6 位数字，例如 816000。"),
    "enterprise.address": Advice("寄送证书和纸质材料的地址，写到门牌号。", example="海西州格尔木市盐湖东路 16 号"),
    "enterprise.contact_name": Advice("负责全单位申报的人，一般是质量管理部门的推进者。"),
    "enterprise.contact_phone": Advice("手机号码，或带区号的固定电话，例如 0971-6137890。"),
    "enterprise.contact_email": Advice("秘书处的通知发到这里，建议用部门公共邮箱。"),
}

ADVICE = MappingProxyType({**_CONTACT, **_GROUP, **_TOPIC, **_RESULTS, **_AWARDS, **_SUMMARY, **_ENTERPRISE})
