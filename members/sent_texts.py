"""The mails about accounts of organisations that are no mails of security: those are in `authentication`."""

from notices.texts.declared import Placeholder, SentText

GROUP = "注册和单位成员"
SITE = Placeholder("平台简称", "供需对接平台")
TEXTS = (
    SentText(
        "members.invitation",
        "邀请加入单位",
        GROUP,
        "{平台}：邀请您加入单位",
        "您好！\n\n{邀请}\n请在 7 天内打开下面的页面，自己设定用户名和密码：\n{邀请链接}\n\n"
        "链接只能用一次，请不要转发。不认识邀请人的，请忽略这封邮件。",
        {
            "平台": SITE,
            "邀请": Placeholder("谁邀请、代表哪家单位", "李华邀请您在供需对接平台代表“示例机械有限公司”。"),
            "邀请链接": Placeholder("设定用户名和密码的网址", "（发出时是本人自己的网址）"),
        },
        ("邀请", "邀请链接"),
    ),
    SentText(
        "members.sign_up_decided",
        "注册申请有了结果",
        GROUP,
        "{平台}：注册申请有了结果",
        "您好！\n\n您在{平台}的注册申请有了结果，请打开下面的页面查看：\n{结果链接}\n\n不是您申请的，请忽略这封邮件。",
        {"平台": SITE, "结果链接": Placeholder("查看结果的网址", "（发出时是本人自己的网址）")},
        ("结果链接",),
        note="邮件里不写结果。",
    ),
    SentText(
        "members.sign_up_asked",
        "有人申请以企业名义开通账号",
        GROUP,
        "{平台}：有人申请以贵企业名义开通账号",
        "您好！\n\n您是“{单位}”在{平台}登记的联系人。有人申请以这家企业的名义开通账号，由科技部门核对证明材料。\n\n"
        "如果申请人不代表贵企业，请打开下面的页面提出异议，申请就不会直接通过：\n{异议链接}\n\n"
        "如果申请属实，不需要做任何事。",
        {
            "平台": SITE,
            "单位": Placeholder("企业名称", "示例机械有限公司"),
            "异议链接": Placeholder("提出异议的网址", "（发出时是这家企业自己的网址）"),
        },
        ("单位", "异议链接"),
    ),
    SentText(
        "members.user_added",
        "系统管理员开通了用户",
        GROUP,
        "贵单位在平台上开通了用户",
        "您好！\n\n系统管理员为“{单位}”开通了用户{用户}。如果这个人不代表贵单位，请尽快向市科技局反映。",
        {
            "单位": Placeholder("单位名称", "示例机械有限公司"),
            "用户": Placeholder("用户的姓名", "李华"),
        },
        ("单位", "用户"),
    ),
)
