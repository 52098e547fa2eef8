"""The mails about matches and talks."""

from notices.texts.declared import USUAL_ENDING, Placeholder, SentText

GROUP = "匹配和跟进"
LINK = Placeholder("不用登录就能答复的网址", "（发出时是各家自己的网址）")
TEXTS = (
    SentText(
        "matching.confirmation",
        "请一方确认",
        GROUP,
        "请确认：{成果}",
        "您好：\n\n{请求}。\n\n成果：{成果}（{院校}）\n需求：{需求}\n\n"
        "请打开下面的链接，确认，或者说明不是这样；不需要登录：\n{确认链接}\n\n"
        "只有您单位自己确认了，才算您单位的意见。链接只供您单位使用，请不要转发；{有效期}前有效。",
        {
            "请求": Placeholder("请对方确认什么", "对方表示“愿意对接”，请您单位确认"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "院校": Placeholder("成果所在院校", "示例大学"),
            "需求": Placeholder("需求名称，匿名的写公开名称", "厚板自动焊接"),
            "确认链接": LINK,
            "有效期": Placeholder("链接在哪天前有效", "2026年10月28日"),
        },
        ("请求", "确认链接", "有效期"),
        ending=USUAL_ENDING,
        note="发给没有答复的一方。",
    ),
    SentText(
        "matching.follow_up_check",
        "会后 30、60、90 天回访",
        GROUP,
        "请答复洽谈进展：{成果}",
        "{单位}：\n\n{提醒}贵单位在 {洽谈日期} 与{院校}洽谈了“{成果}”。现在 {几天} 过去了，请告诉我们有没有进展："
        "有进展、继续谈、已签约，或没有进展的原因。\n\n请打开下面的链接答复，不需要登录，约一分钟：\n{答复链接}\n\n"
        "链接只供贵单位使用，请不要转发。",
        {
            "单位": Placeholder("企业名称", "示例机械有限公司"),
            "提醒": Placeholder("提醒时的一句话，第一次发时没有", "我们还没有收到贵单位的答复。"),
            "洽谈日期": Placeholder("哪天洽谈的", "2026年9月20日"),
            "院校": Placeholder("成果所在院校", "示例大学"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "几天": Placeholder("30 天、60 天或 90 天", "30 天"),
            "答复链接": LINK,
        },
        ("答复链接",),
        ending=USUAL_ENDING,
    ),
)
