"""The mail by which a person confirms a request about the own data."""

from notices.texts.declared import Placeholder, SentText

TEXTS = (
    SentText(
        "privacy.request_link",
        "请确认个人信息请求",
        "个人信息",
        "{平台}：请确认个人信息请求",
        "您好！\n\n有人在{平台}填写了您的邮箱，提出“{请求}”个人信息的请求。\n"
        "如果是您本人，请打开下面的页面确认；如果不是，请在同一页面选择“不是我提出的”，或者不用理会：\n{确认链接}\n\n"
        "没有确认的请求不会办理。答复也在这个页面查看，请不要转发这封邮件。",
        {
            "平台": Placeholder("平台简称", "供需对接平台"),
            "请求": Placeholder("请求的类型", "查阅"),
            "确认链接": Placeholder("确认和查看答复的网址", "（发出时是本人自己的网址）"),
        },
        ("请求", "确认链接"),
    ),
)
