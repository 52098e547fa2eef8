"""What firms are told about their demands, each in one sentence."""

from notices.texts.declared import NoticeTexts, SentText

GROUP = "需求"
DEMAND = ("需求名称，匿名的写公开名称", "厚板自动焊接")


def _text(event: str, name: str, sentence: str, **fields: tuple[str, str]) -> SentText:
    return NoticeTexts("demands", GROUP)(event, name, sentence, 需求=DEMAND, **fields)


UNTIL = ("最后一天", "2026-10-31")
TEXTS = (
    _text(
        "consent", "匿名需求还不能发布", "匿名需求“{需求}”还没有发布：请打开页面，按提示修改文字，或确认后重新提交。"
    ),
    _text("returned", "需求被退回", "需求“{需求}”被退回，请打开页面看退回原因，修改后重新提交。"),
    _text(
        "renamed",
        "单位改名后匿名需求里有新名称",
        "单位名称变更后，匿名需求“{需求}”里出现了新名称，{处理}。",
        处理=("平台怎么处理的", "已暂停公开，请修改或确认后重新发布"),
    ),
    _text(
        "published",
        "需求已发布",
        "需求“{需求}”已通过初审并发布，开始参与匹配；有合适的成果由区县审核后告诉您。",
    ),
    _text("revision_accepted", "需求的修改已批准", "您对需求“{需求}”的修改已经批准，公开的内容已更新。"),
    _text(
        "revision_rejected",
        "需求的修改被退回",
        "您对需求“{需求}”的修改被退回，公开的仍是原文。请打开页面看原因。",
    ),
    _text(
        "expires",
        "需求快到期",
        "需求“{需求}”的有效期到 {到期日} 为止，到期后不再公开，也不再参与匹配。需要继续，请打开页面延长。",
        到期日=UNTIL,
    ),
    _text(
        "expired",
        "需求已到期",
        "需求“{需求}”的有效期已于 {到期日} 结束，现在不公开。需要继续，请打开页面延长。",
        到期日=UNTIL,
    ),
    _text("resumed", "暂停到期，需求恢复", "需求“{需求}”的暂停到期，已恢复公开并参与匹配。"),
    _text(
        "stays_paused",
        "暂停到期，还不能恢复",
        "需求“{需求}”的暂停到期，但还不能恢复：{原因}",
        原因=("为什么不能恢复", "有效期已过，请先延长。"),
    ),
)
