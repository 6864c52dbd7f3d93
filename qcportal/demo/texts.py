"""The steps of a topic and the summary of a year as people write them; every number comes from the topic."""

import random
from decimal import Decimal

from applications.statistics import to_wan
from applications.topics import steps_of
from qcportal.demo.topics import Topic

MONTHS = ("1至3月", "2至4月", "上半年", "1至4月")


def steps(topic: Topic, name: str, year: int, benefit: Decimal, chance: random.Random) -> dict[str, str]:
    """One text for every step of the topic's type."""
    writer = _Steps(topic, name, year, benefit, chance)
    return {step.code: getattr(writer, step.code)() for step in steps_of(topic.kind)}


class _Steps:
    """One method for each step code of applications.topics."""

    def __init__(self, topic: Topic, name: str, year: int, benefit: Decimal, chance: random.Random) -> None:
        self.topic, self.name, self.year, self.benefit, self.chance = topic, name, year, benefit, chance
        self.word = "提高" if topic.rises else "降低"
        self.sample = chance.randrange(120, 420)

    def _value(self, field: str) -> str:
        return f"{getattr(self.topic, field)}{self.topic.unit}"

    def select_topic(self) -> str:
        need = self.chance.choice(("年度质量目标", "部门方针目标", "顾客反馈改进计划", "成本管控方案"))
        text = (
            f"公司{need}要求{self.topic.indicator}达到{self._value('target')}，而{self.year}年{self.chance.choice(MONTHS)}"
            f"统计{self.sample}个数据，平均为{self._value('base')}，差距明显。小组将该问题列入课题登记，经投票选定课题“{self.name}”。"
        )
        if self.topic.kind == "innovation":
            text += f"查询专利和文献后，借鉴{self.chance.choice(('农业', '船舶', '石油', '轨道交通'))}行业同类装置的原理，现有方式“{self.topic.symptom}”可望得到根本改变。"
        return text

    def current_state(self) -> str:
        return (
            f"小组按班次、设备和物料分层调查{self.sample}个样本。第一层排列图表明“{self.topic.symptom}”占问题总数的{self.topic.share}%，"
            f"第二层按工序再分层，该问题集中在同一工序，是造成{self.topic.indicator}不理想的症结。"
            f"历史最好水平出现在5月，为{self._value('target')}左右，说明具有改善空间。"
        )

    def set_target(self) -> str:
        return (
            f"目标：{self.topic.indicator}由{self._value('base')}{self.word}到{self._value('target')}。"
            f"依据：症结占{self.topic.share or '60'}%，参考同行业先进水平和本单位历史最好水平测算，解决症结的八成即可达到目标。"
        )

    def target_feasibility(self) -> str:
        return (
            f"上级下达的目标值为{self._value('target')}。现场调查{self.sample}个数据，症结“{self.topic.symptom}”占{self.topic.share}%。"
            f"若症结解决85%，{self.topic.indicator}可达到{self._value('actual')}，优于目标，目标可以实现。"
        )

    def target_and_feasibility(self) -> str:
        return (
            f"目标：{self.topic.indicator}由{self._value('base')}{self.word}到{self._value('target')}。"
            f"借鉴数据论证：模拟试验{self.chance.randrange(10, 40)}次，平均可达{self._value('actual')}；小组具备设计、加工和测试能力，目标可行。"
        )

    def cause_analysis(self) -> str:
        causes = "、".join(self.topic.list_of("causes"))
        return f"小组召开原因分析会，从人、机、料、法、环、测六个方面绘制关联图，逐层分析到末端原因共{len(self.topic.list_of('causes'))}条：{causes}。"

    def main_causes(self) -> str:
        rows = []
        for number, cause in enumerate(self.topic.list_of("causes"), 1):
            is_main = cause in self.topic.main
            verdict = "对症结影响大，确定为主要原因" if is_main else "对症结影响小，不是主要原因"
            rows.append(f"{number}．{cause}：现场测量{self.chance.randrange(20, 60)}组数据，{verdict}。")
        return "\n".join(rows)

    def best_plan(self) -> str:
        plans = self.topic.list_of("causes")
        rows = [f"方案{number}：{plan}" for number, plan in enumerate(plans, 1)]
        return (
            "小组提出总体方案" + f"{len(plans)}个。" + "；".join(rows) + "。从技术性能、费用、用时和高海拔适用性四方面"
            f"进行样机试验和数据对比，选定“{self.topic.main}”，并对驱动、控制、防护三个分级方案逐一比较后确定最佳方案。"
        )

    def countermeasures(self) -> str:
        rows = []
        for number, measure in enumerate(self.topic.list_of("measures"), 1):
            rows.append(
                f"对策{number}：{measure}；地点：生产现场；完成时间：{self.year}年{5 + number}月；负责人：小组成员分工落实。"
            )
        return "按 5W1H 制定对策表。\n" + "\n".join(rows)

    def implementation(self) -> str:
        rows = []
        for number, measure in enumerate(self.topic.list_of("measures"), 1):
            rows.append(
                f"实施{number}：{measure}。{self.year}年{5 + number}月完成安装调试和人员培训，连续跟踪{self.chance.randrange(15, 45)}天，"
                f"对策目标达到，未产生安全、环保方面的负面影响。"
            )
        return "\n".join(rows)

    def effect_check(self) -> str:
        return (
            f"{self.year}年9至10月统计{self.sample}个数据，{self.topic.indicator}平均为{self._value('actual')}，达到目标值{self._value('target')}。"
            f"症结“{self.topic.symptom}”由首位降到末位。扣除投入后直接经济效益{to_wan(self.benefit)}万元，已由财务部门核实。"
        )

    def consolidation(self) -> str:
        return (
            f"有效措施纳入《{self.topic.standard}》（编号 Q/QC-{self.year}-{self.chance.randrange(10, 99)}），经质量部门审批后执行。"
            f"巩固期两个月的{self.topic.indicator}稳定在{self._value('target')}以上水平，现场员工均按新标准作业。".replace(
                "以上水平", "以上水平" if self.topic.rises else "以下水平"
            )
        )

    def standardization(self) -> str:
        return (
            f"经评价，装置适用于高海拔、强日照、低温环境，可在同类单位推广。形成图纸{self.chance.randrange(6, 24)}张、"
            f"《{self.topic.standard}》1份（Q/QC-{self.year}-{self.chance.randrange(10, 99)}），已在两个班组应用。"
        )

    def summary_next(self) -> str:
        following = self.chance.choice(("降低设备维护费用", "提高现场数据采集的及时率", "缩短物料周转时间"))
        return (
            "专业技术方面，成员掌握了测量、试验与数据分析方法；管理方法方面，按 PDCA 循环开展活动，统计方法运用更加恰当；"
            f"综合素质方面，团队协作和质量意识明显提高。存在不足：部分数据仍靠人工记录。下一步课题：{following}。"
        )


def group_intro(group: str, company: str, size: int, chance: random.Random) -> str:
    return (
        f"{group}QC小组来自{company}生产一线，共{size}人，由技术、操作、检修和质检人员组成，平均受教育培训"
        f"{chance.randrange(36, 72)}学时。小组多年坚持每月活动，注重用数据说话，曾获公司优秀小组称号。"
    )


def social_benefit(chance: random.Random) -> str:
    return chance.choice(
        (
            "减少能源消耗和废弃物排放，改善高原作业环境，降低员工劳动强度。",
            "提升产品质量稳定性，为当地农牧民增收和产业发展提供支持。",
            "保障民生供应和生产安全，形成的经验在三个兄弟单位推广。",
        )
    )


SUMMARY = {
    "summary_basics": "{company}现有职工{employees}人。{year}年登记注册质量管理小组{groups_registered}个，其中问题解决型{groups_problem_solving}个、创新型{groups_innovation}个，开展活动{groups_active}个，参加活动{participants}人，取得成果{results_count}项。\n\n小组活动覆盖生产、检修、化验、仓储和服务等环节，成员以一线员工为主，各民族员工共同参加。详细数据见附件 3。",
    "summary_leadership": "公司成立由总经理任组长的推进领导小组，质量部门负责日常管理，各车间设专（兼）职推进员，形成公司、车间、班组三级推进网络。年初下达推进计划，明确注册数量、活动次数和成果目标，全年召开专题会议 4 次，总经理两次到现场听取小组汇报。\n\n修订《质量管理小组活动管理办法》，对注册登记、活动记录、成果评价、激励四个环节作出规定，把成果评价与岗位晋升、年度评先相结合，活动经费列入年度预算。",
    "summary_training": "全年组织《质量管理小组活动准则》宣贯、统计方法应用和成果报告编写培训{training_attendances}人次，邀请专家到现场指导，对少数民族员工安排双语讲解。现有{promoters}人具有小组活动推进者资格，每个小组都有推进者联系指导。\n\n坚持月度检查、季度交流、年度发表：每月抽查活动记录和原始数据，每季度组织小组互相点评，年底举行公司成果发表会，评审组到现场核实效果。全年收到小组成员合理化建议{suggestions}条，采纳后纳入课题库。",
    "summary_results": "全年小组活动取得直接经济效益{wan}万元，经财务部门逐项核实，只计活动期内已实现的部分并扣除投入。产品质量、能源消耗、作业安全等指标均有改善，员工运用数据分析问题的能力明显提高。\n\n典型案例：“{topic}”。小组从现场数据入手分层分析，找准症结，逐条到现场验证末端原因，制定并实施对策后指标稳定达到目标，有效措施已纳入公司标准，并在兄弟车间推广应用。",
    "summary_problems": "一是部分小组选题偏大，现状调查的数据分层不够，症结不够具体；二是班组之间活动开展不平衡，倒班班组集中活动时间难以保证；三是具有推进者资格的人员偏少，指导力量不足，统计方法的运用还停留在常用的几种。",
    "summary_plans": "下一年度计划注册小组数增长一成，培养推进者 2 至 3 名，选派骨干参加全省评审与活动程序培训。建立课题库和成果推广台账，每季度检查一次推广效果，推动优秀成果转化为企业标准。围绕提质、降耗、安全和绿色发展选题，继续组织参加全省质量管理小组活动。",
}  # fmt: skip


PAST = (
    ("雪豹QC小组", "降低浮选药剂单耗", "一等奖"), ("冰川QC小组", "提高冷却塔循环水利用率", "二等奖"),
    ("昆仑QC小组", "缩短变电站倒闸操作时间", "一等奖"), ("三江源QC小组", "降低牦牛乳制品水分超标率", "三等奖"),
    ("柴达木QC小组", "提高光伏组件清洗效率", "二等奖"), ("祁连QC小组", "降低隧道初支混凝土回弹率", "优秀奖"),
)  # fmt: skip


def results_of_past_years(year: int, units: list[str]) -> list[dict[str, object]]:
    """Three and four years ago, the first units of the demo and one that is not on the portal."""
    names = [*units[:5], "青海旧日机床有限公司"]
    return [
        {
            "year": year - ago, "round_number": number, "unit_name": unit, "credit_code": "", "group_name": group,
            "topic_name": topic, "topic_type": "self_set", "award_level": level, "special_award": "", "note": "",
        }
        for ago, number in ((4, 1), (3, 2))
        for unit, (group, topic, level) in zip(names, PAST, strict=True)
    ]  # fmt: skip
