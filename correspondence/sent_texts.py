"""What completers are sent by their institution: a question to answer, and the monthly letter."""

from notices.texts.declared import Placeholder, SentText

GROUP = "完成人"
TEXTS = (
    SentText(
        "correspondence.handover",
        "交给完成人答复",
        GROUP,
        "有一个关于您成果的问题请您答复",
        "{称呼}：您好。关于成果“{成果}”有一个问题请您答复，手机上打开链接就能写，不用登录，{截止}前有效。\n{说明}\n{链接}\n"
        "{院校}。链接只供您使用，请不要转发。",
        {
            "称呼": Placeholder("完成人的姓名", "王老师"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "截止": Placeholder("在哪天前有效", "2026 年 10 月 31 日"),
            "说明": Placeholder("院校写的一句话", "对方急等，请尽快。"),
            "链接": Placeholder("不用登录的网址", "（发出时是各人自己的网址）"),
            "院校": Placeholder("院校名称", "示例大学"),
        },
        ("链接", "院校"),
        note="院校的办公室发出；也可以复制到微信。",
    ),
    SentText(
        "correspondence.monthly",
        "每月来信",
        GROUP,
        "您的成果：{月份}的情况",
        "{姓名}老师：您好。\n{月份}，您在“{平台}”上的 {项数} 项成果有这些情况：\n\n{情况}\n\n"
        "您的页面（不用登录，请不要转发）：{页面链接}\n不想再收到：{停收链接}\n\n"
        "{院校}成果管理部门，由平台代发。要改内容请联系成果管理部门。",
        {
            "姓名": Placeholder("完成人的姓名", "王明"),
            "月份": Placeholder("哪个月的情况", "2026 年 9 月"),
            "平台": Placeholder("平台名称", "科技成果供需对接平台"),
            "项数": Placeholder("有情况的成果数", "1"),
            "情况": Placeholder("逐项的情况", "1. 海洋平台焊接机器人\n   浏览 12，收藏 1，询问 1，新采纳的匹配 0。"),
            "页面链接": Placeholder("本人的页面", "（发出时是本人自己的网址）"),
            "停收链接": Placeholder("点开就不再收到", "（发出时是本人自己的网址）"),
            "院校": Placeholder("院校名称", "示例大学"),
        },
        ("情况", "页面链接", "停收链接", "院校"),
    ),
)
