"""What askers, brokers and parties of a commission are told, each in one sentence. A sentence names no amount."""

from mandates.sent_texts import GROUP
from notices.texts.declared import NoticeTexts

_text = NoticeTexts("brokerage", GROUP)
REQUEST = ("哪一条请求", "请人帮忙找焊接技术")
REASON = ("填写的原因", "近期没有时间，建议另请一位")
BROKER = ("哪位经纪人或哪家机构", "示例经纪人")
DAY = ("在哪天前答复", "10 月 28 日")
DEAL = ("哪一项成交", "焊接机器人技术许可")
HELP_TEXTS = (
    _text(
        "help_asked",
        "帮我找：请答复",
        "{单位}请您帮忙：{内容}。请在 {截止}前答复。",
        单位=("谁提出的，匿名的写对外名称", "示例机械有限公司"),
        内容=("想请帮什么忙", "找能做厚板自动焊接的团队"),
        截止=DAY,
    ),
    _text("help_reminder", "帮我找：提醒答复", "“{请求}”还没有答复，请在 {截止}前答复。", 请求=REQUEST, 截止=DAY),
    _text("help_taken", "帮我找：有人接受", "{经纪人}接受了您的请求，可以开始委托。", 经纪人=BROKER),
    _text("help_declined", "帮我找：没有接受", "{经纪人}没有接受您的请求：{原因}", 经纪人=BROKER, 原因=REASON),
    _text(
        "help_finished",
        "帮我找：已办结",
        "“{请求}”已办结：{说明}",
        请求=REQUEST,
        说明=("办结的说明", "已联系到两家院所，企业自己继续谈"),
    ),
)
COMMISSION_TEXTS = (
    _text("commission_proposed", "佣金约定：请答复", "“{成交}”有一份佣金约定等您答复。", 成交=DEAL),
    _text(
        "commission_change_proposed",
        "佣金约定：请答复改动",
        "对方提出改“{成交}”的佣金约定，等您答复；答复以前按原来的约定。",
        成交=DEAL,
    ),
    _text("commission_agreed", "佣金约定：对方同意", "对方同意了“{成交}”的佣金约定。", 成交=DEAL),
    _text(
        "commission_refused",
        "佣金约定：对方没有同意",
        "对方没有同意“{成交}”的佣金约定：{原因}。",
        成交=DEAL,
        原因=("填写的原因", "比例高于约定"),
    ),
    _text("commission_paid", "佣金：请核对一笔支付", "对方记录了“{成交}”的一笔佣金，请核对。", 成交=DEAL),
    _text("commission_confirmed", "佣金：对方已确认", "对方确认了“{成交}”的一笔佣金。", 成交=DEAL),
    _text(
        "commission_payment_withdrawn",
        "佣金：对方撤回记录",
        "对方撤回了“{成交}”的一笔佣金记录，不用再核对。",
        成交=DEAL,
    ),
)
PAGE_TEXTS = (
    _text(
        "case_asked",
        "公开案例：请决定是否同意",
        "{经纪人}想把“{合同}”写成公开案例，请贵单位决定是否同意。",
        经纪人=BROKER,
        合同=("合同名称", "焊接机器人技术许可"),
    ),
    _text("page_published", "主页介绍已公开", "您提交的主页介绍已公开。"),
    _text(
        "page_returned", "主页介绍被退回", "您提交的主页介绍被退回：{原因}", 原因=("填写的原因", "请删去对收费的宣传")
    ),
)
TEXTS = HELP_TEXTS + COMMISSION_TEXTS + PAGE_TEXTS
