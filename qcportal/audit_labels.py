"""The audit trail's verbs in the secretariat's words. An unknown verb shows as it is."""

LABELS = {
    "application.submitted": "提交申报",
    "application.withdrawn": "撤回申报",
    "application.lapsed": "逾期失效",
    "application.accepted": "审查：参评",
    "application.returned": "审查：完善后参评",
    "application.deferred": "审查：缓评",
    "application.refused": "审查：不予受理",
    "application.reopened": "恢复受理",
    "application.correction_extended": "延长补正",
    "application.disqualified": "取消资格",
    "application.personal_viewed": "查看含个人信息的申报",
    "application.scored": "评审完成",
    "assignment.made": "分派评委",
    "assignment.withdrawn": "取消分派",
    "check.started": "开始审查",
    "check.taken_over": "接手审查",
    "check.confirmed": "复核维持",
    "enterprise.verified": "核验营业执照",
    "message.posted": "发送留言",
    "outbox.revived": "重新处理失败事项",
    "paper.received": "签收纸质件",
    "paper.phones_viewed": "查看联系电话",
    "pledge.accepted": "签署评审承诺书",
    "ranking.announced": "公布排名",
    "ranking.frozen": "冻结排名",
    "recusal.lifted": "撤销回避",
    "recusal.recorded": "登记回避",
    "round.closed": "截止处理",
    "rubric.seeded": "建立评审表",
    "scores.viewed": "查看评分",
    "sheet.begun": "开始评分",
    "sheet.reopened": "退回重评",
    "sheet.submitted": "提交评分表",
    "stage.created": "建立评审阶段",
    "tie.decided": "记录同分合议",
    "user.email_verified": "验证邮箱",
    "user.roles_changed": "调整角色",
}
ENDINGS = {"added": "新增", "changed": "修改", "deleted": "删除"}


def label(verb: str) -> str:
    if verb in LABELS:
        return LABELS[verb]
    ending = verb.rsplit(".", 1)[-1]
    return f"{ENDINGS[ending]}（{verb.split('.', 1)[0]}）" if ending in ENDINGS else verb
