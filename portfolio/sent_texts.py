"""What completers are sent when their office asks whether achievements are still valid, and what the office is told."""

from notices.texts.declared import Placeholder, SentText, notice_text

TEXTS = (
    SentText(
        "portfolio.renewal",
        "续期核对",
        "完成人",
        "请核对您的成果是否仍有效",
        "{称呼}：您好。请核对您在“{平台}”的{内容}是否仍有效，手机上点一下即可，{截止}前有效。\n{说明}\n{链接}\n"
        "{院校}。链接只供您使用，请不要转发。",
        {
            "称呼": Placeholder("负责人或学院", "王老师"),
            "平台": Placeholder("平台名称", "科技成果供需对接平台"),
            "内容": Placeholder("一项成果的名称，或几项", "“海洋平台焊接机器人”"),
            "截止": Placeholder("在哪天前有效", "2026 年 10 月 31 日"),
            "说明": Placeholder("院校写的一句话", "请顺便核对联系电话。"),
            "链接": Placeholder("不用登录的网址", "（发出时是各人自己的网址）"),
            "院校": Placeholder("院校名称", "示例大学"),
        },
        ("链接", "院校"),
        note="院校的办公室发出；也可以复制到微信。",
    ),
    notice_text(
        "portfolio.consent_withdrawn",
        "完成人撤回公开的同意",
        "成果",
        "{完成人}撤回了公开“{成果}”的同意{处理}。请与本人核对后再处理。",
        {
            "完成人": Placeholder("完成人，隐去名字", "王**"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "处理": Placeholder("平台怎么处理的，可能没有", "，成果已暂停对接、不再公开"),
        },
        "完成人",
        "成果",
    ),
)
