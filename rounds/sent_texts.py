"""The texts that guests of a round are sent: built-in wordings, which the city replaces for all rounds or for one."""

from collections.abc import Mapping

from notices.texts.declared import USUAL_ENDING, Placeholder, SentText, Use, notice_text
from rounds.models import LetterText

Kind = LetterText.Kind
LETTERS, EVENTS = "对接活动：邀请和答复", "对接活动：变动和日程"
PLACEHOLDERS = {
    "单位": Placeholder("收件单位的名称，院校还有团队", "示例机械有限公司"),
    "活动": Placeholder("活动名称", "装备制造专场对接活动"),
    "时间": Placeholder("开始和结束时间", "2026年10月21日 09:00 至 17:00"),
    "开始": Placeholder("开始的日期和时间，写在短信里", "10 月 21 日 09:00"),
    "地点": Placeholder("活动地点", "会展中心三楼"),
    "主题": Placeholder("活动主题", "装备制造"),
    "主办": Placeholder("主办单位", "市科学技术局"),
    "承办": Placeholder("承办单位", "技术转移中心"),
    "活动说明": Placeholder("活动页上的公开说明", "一对一洽谈，每场 20 分钟。"),
    "答复链接": Placeholder("不用登录就能答复的网址", "（发出时是各家自己的网址）"),
    "邀请码": Placeholder("10 位邀请码", "xxxxxxxxxx"),
    "答复截止": Placeholder("请在哪天前答复", "10月14日"),
    "联系人": Placeholder("邀请须知里的联系人", "会务组"),
    "联系电话": Placeholder("邀请须知里的电话", "（会务组的电话）"),
}
FACTS = ("时间", "地点", "答复截止")
"""The mail and the printed letter both say them, so that they agree."""
CONTACT = "联系人：{联系人}\n联系电话：{联系电话}"


def letter_key(kind: str) -> str:
    return f"rounds.{Kind(kind)}"


def _letter(
    kind: Kind, subject: str, body: str, required: tuple[str, ...], *, use: Use = Use.MAIL, line: str = ""
) -> SentText:
    note = "一场活动可以有自己的文字，在那场活动的“信函文字”里改；没有自己的，就用这里的。"
    ending = USUAL_ENDING if use == Use.MAIL else ""
    return SentText(
        letter_key(kind), str(kind.label), LETTERS, subject, body, PLACEHOLDERS, required,
        line=line, use=use, ending=ending, note=note,
    )  # fmt: skip


LETTER_TEXTS = (
    _letter(
        Kind.INVITATION,
        "邀请参加：{活动}",
        "{单位}：\n\n诚邀贵单位参加“{活动}”。\n\n时间：{时间}\n地点：{地点}\n主题：{主题}\n主办：{主办}\n承办：{承办}\n\n"
        "请在{答复截止}前打开下面的链接，答复是否参加、由谁参加，不需要登录：\n{答复链接}\n\n"
        "也可以在平台首页的“答复邀请”中输入邀请码 {邀请码}。链接和邀请码只供贵单位使用，请不要转发给他人。"
        "活动开始以前都可以更改答复。\n\n" + CONTACT,
        (*FACTS, "答复链接", "联系电话"),
        line="邀请您单位参加“{活动}”（{开始}），请答复是否参加。",
    ),
    _letter(
        Kind.REMINDER,
        "请答复是否参加：{活动}",
        "{单位}：\n\n“{活动}”定于{时间}举行，我们还没有收到贵单位的答复。\n地点：{地点}\n\n"
        "请打开下面的链接答复是否参加，不需要登录，约一分钟：\n{答复链接}\n\n"
        "邀请码：{邀请码}。已经答复的请忽略本邮件。\n\n" + CONTACT,
        ("答复链接", "联系电话"),
        line="请答复是否参加“{活动}”（{开始}）。",
    ),
    _letter(
        Kind.LETTER,
        "邀请函",
        "诚邀贵单位参加“{活动}”。活动定于{时间}举行。\n地点：{地点}\n主题：{主题}\n"
        "请在{答复截止}前扫描下面的二维码，或者打开网址填写邀请码，答复是否参加、来几位、什么时间到场。\n" + CONTACT,
        (*FACTS, "联系电话"),
        use=Use.PRINT,
    ),
    _letter(
        Kind.CALL,
        "",
        "您好，我是“{活动}”的工作人员，想确认贵单位是否参加。活动时间是{时间}，地点在{地点}。\n"
        "方便的话请您打开邀请函上的网址，输入邀请码 {邀请码} 答复；也可以现在告诉我，由谁参加、几点到场。\n"
        "请在{答复截止}前答复。\n有问题请打 {联系电话}。",
        (),
        use=Use.CALL,
    ),
    _letter(
        Kind.CHAT,
        "",
        "{单位}您好，邀请贵单位参加“{活动}”。\n时间：{时间}\n地点：{地点}\n"
        "请在{答复截止}前点开答复，不用登录：\n{答复链接}\n链接只供贵单位使用，请不要转发。\n有问题请打 {联系电话}。",
        ("答复链接",),
        use=Use.CHAT,
    ),
)


def _fields(*names: str, **own: tuple[str, str]) -> Mapping[str, Placeholder]:
    return {name: PLACEHOLDERS[name] for name in names} | {name: Placeholder(*pair) for name, pair in own.items()}


def _event(
    key: str,
    name: str,
    subject: str,
    body: str,
    fields: Mapping[str, Placeholder],
    required: tuple[str, ...],
    *,
    line: str,
    ending: str = "",
) -> SentText:
    return SentText(f"rounds.{key}", name, EVENTS, subject, body, fields, required, line=line, ending=ending)


CHANGES = {"变化": ("哪里变了、原因，一项一行", "时间由 10月21日 09:00–17:00 改为 10月22日 09:00–17:00。")}
CHANGES_LINE = {"变化摘要": ("哪里变了、原因，连成一句", "时间由 10月21日 09:00–17:00 改为 10月22日 09:00–17:00")}
MEETING = {"安排": ("几场洽谈、第一场或哪些变了", "您有 3 场洽谈，第一场 09:20 A 厅 5 号桌，与示例大学")}
PLAN_LINK = {"日程链接": ("这家单位自己的日程，不用登录", "（发出时是各家自己的网址）")}
PLAN_BODY = "{单位}：\n\n%s\n\n全部安排请打开：\n{日程链接}"
EVENT_TEXTS = (
    _event(
        "moved",
        "时间或地点有变",
        "时间或地点有变：{活动}",
        "{单位}：\n\n贵单位受邀的“{活动}”有变化：\n{变化}\n\n"
        "请打开下面的链接核对；已答复参加的，如果不能按新的时间参加，也请在那里更改答复：\n{答复链接}\n\n"
        "邀请码不变：{邀请码}。订阅了日历的会自动改过来；下载过日历文件的，请重新下载。",
        _fields("单位", "活动", "答复链接", "邀请码", **CHANGES, **CHANGES_LINE),
        ("变化", "答复链接"),
        line="“{活动}”有变化：{变化摘要}。",
        ending=USUAL_ENDING,
    ),
    _event(
        "status",
        "活动取消、提前结束等",
        "{情况}",
        "{单位}：\n\n{变化}\n\n活动现在的情况见：{答复链接}",
        _fields(
            "单位",
            "活动",
            "答复链接",
            情况=("活动怎么了，一句话", "“装备制造专场对接活动”取消了"),
            变化=("活动怎么了、原因，一项一行", "“装备制造专场对接活动”取消了。\n原因：场地停电。"),
            原因=("填写的原因", "场地停电"),
        ),
        ("变化", "答复链接"),
        line="{情况}。原因：{原因}。",
        ending=USUAL_ENDING,
    ),
    _event(
        "plan",
        "洽谈日程发布",
        "洽谈日程：{活动}",
        PLAN_BODY % "“{活动}”洽谈日程已发布：{安排}。",
        _fields("单位", "活动", **MEETING, **PLAN_LINK),
        ("安排", "日程链接"),
        line="“{活动}”洽谈日程已发布：{安排}。",
    ),
    _event(
        "plan_changed",
        "洽谈日程有变",
        "洽谈日程有变：{活动}",
        PLAN_BODY % "“{活动}”洽谈日程有变化：{安排}。",
        _fields("单位", "活动", **MEETING, **PLAN_LINK),
        ("安排", "日程链接"),
        line="“{活动}”洽谈日程有变化：{安排}。",
    ),
    _event(
        "talks",
        "请接受洽谈",
        "请答复洽谈邀约：{活动}",
        "{单位}：\n\n“{活动}”：有单位想和您洽谈，请接受或不接受；双方都接受才会排进日程。\n\n请打开：\n{洽谈链接}",
        _fields("单位", "活动", 洽谈链接=("接受或不接受的页面，不用登录", "（发出时是各家自己的网址）")),
        ("洽谈链接",),
        line="“{活动}”：有单位想和您洽谈，请接受或不接受；双方都接受才会排进日程。",
    ),
    _event(
        "late_accepted",
        "迟到的答复：接受",
        "您的答复：{活动}",
        "{单位}：\n\n“{活动}”：您的答复已接受，欢迎参加。洽谈安排有变会再通知您。\n\n您的答复：\n{答复链接}",
        _fields("单位", "活动", "答复链接"),
        ("答复链接",),
        line="“{活动}”：您的答复已接受，欢迎参加。洽谈安排有变会再通知您。",
    ),
    _event(
        "late_declined",
        "迟到的答复：不接受",
        "您的答复：{活动}",
        "{单位}：\n\n“{活动}”：这次没能按您的答复安排。{原因}\n\n您的答复：\n{答复链接}",
        _fields("单位", "活动", "答复链接", 原因=("为什么没能安排", "当天的桌位已经排满。")),
        ("原因", "答复链接"),
        line="“{活动}”：这次没能按您的答复安排。{原因}",
    ),
    _event(
        "agreed",
        "商定后更改的答复",
        "您的答复有改动：{活动}",
        "{单位}：\n\n“{活动}”：按与您的商定，您的答复改为{商定}。如有出入，请重新答复或联系主办方。\n\n您的答复：\n{答复链接}",
        _fields("单位", "活动", "答复链接", 商定=("到场时间和最多几场", "13:00 以后到场，最多洽谈 3 场")),
        ("商定", "答复链接"),
        line="“{活动}”：按与您的商定，您的答复改为{商定}。如有出入，请重新答复或联系主办方。",
    ),
    _event(
        "promoted",
        "候补有了名额",
        "候补有了名额：{活动}",
        "{单位}：\n\n“{活动}”有了名额，您已由候补转为参加。不能来的，请尽快更改答复。\n\n您的答复：\n{答复链接}",
        _fields("单位", "活动", "答复链接"),
        ("答复链接",),
        line="“{活动}”有了名额，您已由候补转为参加。不能来的，请尽快更改答复。",
    ),
)
NOTICE_TEXTS = (
    notice_text(
        "rounds.meeting_dropped",
        "一场洽谈取消",
        EVENTS,
        "“{活动}”{时间和桌号}与{对方}的洽谈已取消。",
        _fields("活动", 时间和桌号=("原来几点在哪张桌", "09:20 A 厅 5 号桌"), 对方=("和谁的洽谈", "示例大学")),
        "时间和桌号",
        "对方",
    ),
    notice_text(
        "rounds.request_refused",
        "洽谈意愿未采纳",
        EVENTS,
        "“{活动}”：您提出的“{意愿}”未采纳。{原因}",
        _fields(
            "活动", 意愿=("提出想谈什么", "船用齿轮箱减振"), 原因=("填写的原因，提出的单位会看到", "这项成果已转化。")
        ),
        "意愿",
        "原因",
    ),
    notice_text(
        "rounds.announcement",
        "现场通知",
        EVENTS,
        "现场通知（{活动}，{几点} 前有效）：{内容}",
        _fields("活动", 几点=("显示到几点", "11:30"), 内容=("现场写的通知", "B 厅的洽谈改到 A 厅。")),
        "内容",
    ),
)
TEXTS = LETTER_TEXTS + EVENT_TEXTS + NOTICE_TEXTS
