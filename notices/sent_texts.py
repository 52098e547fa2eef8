"""The daily mail with the notices that a user has not read."""

from notices.texts.declared import Placeholder, SentText

TEXTS = (
    SentText(
        "notices.digest",
        "每天一封的消息邮件",
        "每天的邮件",
        "{平台}：{条数} 条新消息",
        "{姓名}，您好：\n\n以下是您在{平台全称}上还没有看的消息。\n\n{消息}\n\n全部消息：{消息链接}\n"
        "选择接收哪些邮件：{设置链接}\n不再接收邮件（不需要登录）：{退订链接}",
        {
            "平台": Placeholder("平台简称", "供需对接平台"),
            "平台全称": Placeholder("平台名称", "科技成果供需对接平台"),
            "条数": Placeholder("几条消息", "2"),
            "姓名": Placeholder("用户的姓名", "李华"),
            "消息": Placeholder("按类别列出的消息和网址", "【新推荐】\n· 需求“厚板自动焊接”有 2 项新推荐。"),
            "消息链接": Placeholder("全部消息的页面", "（发出时是平台的网址）"),
            "设置链接": Placeholder("选择接收哪些邮件的页面", "（发出时是平台的网址）"),
            "退订链接": Placeholder("点开就不再接收", "（发出时是本人自己的网址）"),
        },
        ("消息", "退订链接"),
        ending="本邮件由系统自动发出，每天最多一封，请不要直接回复。",
        note="里面的每条消息是平台的一句话。",
    ),
)
