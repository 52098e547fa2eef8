"""What the two sides of an enquiry or a response (主动对接) are told, each in one sentence."""

from notices.texts.declared import NoticeTexts

GROUP = "主动对接"
_text = NoticeTexts("enquiries", GROUP)
WHO = ("哪个单位，匿名的写对外名称", "示例大学")
WHAT = ("哪一项询问或应答", "关于“海洋平台焊接机器人”的询问")
DAY = ("在哪天前", "10 月 28 日")
TEXTS = (
    _text("begun", "收到询问或应答", "{单位}发来{事项}，请在 {截止}前答复。", 单位=WHO, 事项=WHAT, 截止=DAY),
    _text("message", "对方回复", "{单位}回复了{事项}。", 单位=WHO, 事项=WHAT),
    _text("reminder", "提醒答复", "{事项}还没有答复，请在 {截止}前答复。", 事项=WHAT, 截止=DAY),
    _text("late", "已超过答复期限", "{事项}已超过答复期限（{截止}），请尽快答复。", 事项=WHAT, 截止=DAY),
    _text(
        "event",
        "有进展",
        "{事项}：{进展}",
        事项=WHAT,
        进展=("约谈时间、转入对接、结束等", "对方提出约谈时间，请选一个。"),
    ),
)
