"""What firms and bidders are told about a call (揭榜挂帅), one sentence each. None says who bids before the opening."""

from notices.texts.declared import NoticeTexts
from notices.texts.writing import write_sentence

GROUP = "揭榜挂帅"
FIRM, BIDDERS = "发榜企业", "揭榜单位"
_text = NoticeTexts("challenges", GROUP)


def write_call_sentence(event: str, **values: str) -> str:
    """The sentence of this event in the city's words, for participants."""
    return write_sentence(f"challenges.{event}", values)


TITLE = ("榜单的名称", "海洋平台厚板焊接变形控制")
NUMBER = ("榜单号", "2026-007")
REASON = ("填写的原因", "指标“处理量”没有单位")
BIDS = ("几份方案", "3")
DAY = ("公示到哪天", "10月28日")
FIRM_TEXTS = (
    _text("returned", f"{FIRM}：榜单要修改", "榜单“{榜单}”要修改：{原因}", 榜单=TITLE, 原因=REASON),
    _text("published", f"{FIRM}：已发榜", "“{榜单}”已发榜，榜单号 {榜单号}。", 榜单=TITLE, 榜单号=NUMBER),
    _text(
        "asked",
        f"{FIRM}：有人提问",
        "榜单 {榜单号} 有人提问，请答复：{问题}",
        榜单号=NUMBER,
        问题=("提问的内容", "试验场地由谁提供？"),
    ),
    _text(
        "opening_asked",
        f"{FIRM}：请一起开标",
        "榜单 {榜单号} 已截止，{发起人}发起开标，请您一起开标。",
        榜单号=NUMBER,
        发起人=("谁发起的", "王晓"),
    ),
    _text(
        "nothing_opened",
        f"{FIRM}：没有收到方案",
        "榜单 {榜单号} 已开标，没有收到方案。市里按流标结束以后可以再发榜。",
        榜单号=NUMBER,
    ),
    _text(
        "recommended",
        f"{FIRM}：请选定揭榜方",
        "榜单 {榜单号} 评审结束，推荐 {份数} 份方案，请选定揭榜方。",
        榜单号=NUMBER,
        份数=BIDS,
    ),
    _text(
        "choose_again",
        f"{FIRM}：结果撤销，请重新选定",
        "榜单 {榜单号} 的结果已撤销：{原因}。请在其余推荐的方案里重新选定。",
        榜单号=NUMBER,
        原因=("为什么撤销", "揭榜单位放弃：骨干调离"),
    ),
    _text(
        "nothing_left",
        f"{FIRM}：结果撤销，没有其他方案",
        "榜单 {榜单号} 的结果已撤销，没有其他推荐的方案：{原因}。市里结束这一榜以后可以再发榜。",
        榜单号=NUMBER,
        原因=("为什么撤销", "揭榜单位放弃：骨干调离"),
    ),
)
BIDDER_TEXTS = (
    _text(
        "invited",
        f"{BIDDERS}：邀请联合揭榜",
        "邀请贵单位联合揭榜（榜单 {榜单号}），请在方案里写好承担的部分并确认。",
        榜单号=NUMBER,
    ),
    _text(
        "part_changed",
        f"{BIDDERS}：承担的部分改过了",
        "榜单 {榜单号} 的联合方案里，贵单位承担的部分改过了，请看过以后重新确认。",
        榜单号=NUMBER,
    ),
    _text(
        "lead_taken",
        f"{BIDDERS}：换了牵头单位",
        "榜单 {榜单号} 的方案现在由{单位}牵头，写好以后由它递交。",
        榜单号=NUMBER,
        单位=("现在的牵头单位", "示例大学"),
    ),
    _text(
        "member_left",
        f"{BIDDERS}：一家退出联合方案",
        "{单位}退出了榜单 {榜单号} 的联合方案，请改好分工。",
        单位=("退出的单位", "示例研究院"),
        榜单号=NUMBER,
    ),
    _text(
        "member_removed",
        f"{BIDDERS}：被移出联合方案",
        "牵头单位把贵单位移出了榜单 {榜单号} 的联合方案。",
        榜单号=NUMBER,
    ),
    _text(
        "sealed",
        f"{BIDDERS}：已密封递交",
        "已密封递交（榜单 {榜单号}，{时间}），回执指纹 {指纹}…。",
        榜单号=NUMBER,
        时间=("递交的时间", "10月28日 09:20:15"),
        指纹=("回执指纹的前 16 位", "3f9a0c51be7742d8"),
    ),
    _text("withdrawn", f"{BIDDERS}：已撤回递交", "已撤回递交的方案（榜单 {榜单号}）。", 榜单号=NUMBER),
    _text("answer", f"{BIDDERS}：有新的问答", "榜单 {榜单号} 有新的问答，请看榜单页。", 榜单号=NUMBER),
    _text(
        "chosen",
        f"{BIDDERS}：被选定",
        "榜单 {榜单号} 选定贵单位揭榜，公示到{公示}。",
        榜单号=NUMBER,
        公示=DAY,
    ),
    _text(
        "other_chosen",
        f"{BIDDERS}：选定了其他单位",
        "榜单 {榜单号} 选定了其他单位的方案，公示到{公示}，其间可以提出异议。",
        榜单号=NUMBER,
        公示=DAY,
    ),
    _text(
        "excluded",
        f"{BIDDERS}：取消揭榜资格",
        "榜单 {榜单号} 取消贵单位的揭榜资格：{原因}",
        榜单号=NUMBER,
        原因=("填写的原因", "与发榜企业有持股关系"),
    ),
    _text(
        "revoked",
        f"{BIDDERS}：撤销结果",
        "榜单 {榜单号} 撤销结果，贵单位不再参与：{原因}",
        榜单号=NUMBER,
        原因=("为什么撤销", "揭榜单位放弃：骨干调离"),
    ),
    _text("signed", f"{BIDDERS}：请确认成交项目", "榜单 {榜单号} 已建立成交项目，请在“成交”里确认。", 榜单号=NUMBER),
    _text(
        "signed_by_lead",
        f"{BIDDERS}：牵头单位确认成交项目",
        "榜单 {榜单号} 已建立成交项目，由牵头单位{牵头单位}确认和签约。",
        榜单号=NUMBER,
        牵头单位=("联合揭榜的牵头单位", "示例理工大学"),
    ),
)
ALL_SIDES_TEXTS = (
    _text(
        "addendum",
        "补充公告",
        "榜单 {榜单号} 有补充公告：{内容}",
        榜单号=NUMBER,
        内容=("补充公告的内容", "试验场地由发榜企业提供。"),
    ),
    _text(
        "addendum_later",
        "补充公告，截止延后",
        "榜单 {榜单号} 有补充公告，截止延至 {截止}：{内容}",
        榜单号=NUMBER,
        截止=("新的截止时间", "11月15日 17:00"),
        内容=("补充公告的内容", "试验场地由发榜企业提供。"),
    ),
    _text("opened", "已开标", "榜单 {榜单号} 已开标，收到 {份数} 份方案。", 榜单号=NUMBER, 份数=BIDS),
    _text("awarded", "公示期满", "榜单 {榜单号} 公示期满，可以签约立项。", 榜单号=NUMBER),
    _text(
        "ended",
        "流标或撤榜",
        "“{榜单}”{结果}：{原因}",
        榜单=TITLE,
        结果=("流标或撤榜", "流标"),
        原因=("填写的原因", "收到的方案都达不到指标"),
    ),
    _text(
        "question_answered",
        "提问人：已公开答复",
        "您对榜单 {榜单号} 的提问已公开答复：{答复}",
        榜单号=NUMBER,
        答复=("答复的内容", "由发榜企业提供。"),
    ),
    _text(
        "objection_answered",
        "异议人：异议已经处理",
        "您对榜单 {榜单号} 结果的异议已经处理（{结果}）：{意见}",
        榜单号=NUMBER,
        结果=("成立或不成立", "不成立"),
        意见=("处理的意见", "评分记录完整，没有发现问题。"),
    ),
)
TEXTS = FIRM_TEXTS + BIDDER_TEXTS + ALL_SIDES_TEXTS
