"""Why a field of the attachments may not be hidden, and what falls away when one is. Pure Python."""

from collections.abc import Mapping
from types import MappingProxyType

from applications import field_parts, statistics
from applications.report_keys import REPORT_STATISTICS, REPORT_SUMMARY

# Renamed at will, never hidden or made optional: the portal itself works with them.
FIXED: Mapping[str, str] = MappingProxyType(
    {
        "certificate_unit_name": "证书和公示名单用这个名称",
        "contact_name": "补正通知和回执按它联系",
        "contact_phone": "补正通知和回执按它联系",
        "contact_email": "补正通知和回执按它联系",
        "group_name": "名单、证书和查重都用它",
        "leader_name": "与成员名单中的组长核对",
        "activity_starts_on": "用来核对是否属于本年度成果",
        "activity_ends_on": "用来核对是否属于本年度成果",
        "members": "证书名单以它为准，各栏可以单独设置",
        "topic_name": "名单、证书和查重都用它",
        "topic_type": "决定活动步骤和评审表",
        "steps": "各步骤可以单独设置",
        "special_awards": "单项奖评选用它；本年度不设单项奖时，把单项奖清空即可",
        "evidence": "各类别可以单独设置",
        REPORT_SUMMARY: "各部分可以单独设置",
        f"{REPORT_SUMMARY}.document": "活动总结可以用文件代替",
        REPORT_STATISTICS: "各项可以单独设置",
        f"{REPORT_STATISTICS}.employees": "用来计算普及率",
        f"{REPORT_STATISTICS}.groups_registered": "用来计算成果率和活动率",
        f"{REPORT_STATISTICS}.groups_active": "用来计算活动率",
        f"{REPORT_STATISTICS}.participants": "用来计算普及率",
        f"{REPORT_STATISTICS}.results_count": "用来计算成果率，并与申报项数核对",
        f"{REPORT_STATISTICS}.direct_benefit": "与附件 1 的效益核对",
        **{f"{REPORT_STATISTICS}.{field}": "由系统计算" for field in statistics.COMPUTED},
        **field_parts.FIXED,
    }
)
# May be hidden; then a check that rests on them falls away, which the year's page says.
CHECKED_BY: Mapping[str, str] = MappingProxyType(
    {
        "member_count": "小组人数与成员名单、附件 3 的核对",
        "group_registered_on": "活动日期与小组注册日期的核对",
        "economic_benefit": "附件 1 与附件 3 的效益核对",
        "activity_cost": "活动投入费用的单位核对",
        "benefit_basis": "填写效益后要求写明计算依据",
        f"{REPORT_STATISTICS}.groups_cumulative": "历年累计不少于本年度的核对",
        f"{REPORT_STATISTICS}.cumulative_benefit": "历年累计效益不少于本年度的核对",
        f"{REPORT_STATISTICS}.groups_problem_solving": "两种类型小组数之和的核对",
        f"{REPORT_STATISTICS}.groups_innovation": "两种类型小组数之和的核对",
        **field_parts.CHECKED_BY,
    }
)
