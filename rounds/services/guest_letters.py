"""The texts that guests read: mails, printed letters, what to say on the telephone, what to paste into a chat.

The city writes them for a round, with placeholders in braces; without an own text the built-in one is used. A line
whose placeholders are all empty is left out, so that a round without a theme has no empty line for it.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import dateformat, timezone

from accounts.models import User
from audit.services import record
from rounds.models import DockingRound, GuestTerms, LetterText, Organiser, Party

Kind = LetterText.Kind
REPLY_DAYS_BEFORE = 7
"""By default a guest is asked to answer so many days before the round."""
PLACEHOLDERS = {
    "单位": "收件单位的名称，院校还有团队",
    "活动": "活动名称",
    "时间": "开始和结束时间",
    "地点": "活动地点",
    "主题": "活动主题",
    "主办": "主办单位",
    "承办": "承办单位",
    "活动说明": "活动页上的公开说明",
    "答复链接": "不用登录就能答复的网址",
    "邀请码": "10 位邀请码",
    "答复截止": "请在哪天前答复",
    "联系人": "邀请须知里的联系人",
    "联系电话": "邀请须知里的电话",
}
REQUIRED = {
    Kind.INVITATION: ("答复链接", "答复截止", "联系电话"),
    Kind.REMINDER: ("答复链接", "联系电话"),
    Kind.LETTER: ("答复截止", "联系电话"),
    Kind.CALL: (),
    Kind.CHAT: ("答复链接",),
}
"""Without these a guest could not answer or ask."""
CONTACT = "联系人：{联系人}\n联系电话：{联系电话}"
BUILT_IN = {
    Kind.INVITATION: (
        "邀请参加：{活动}",
        "{单位}：\n\n诚邀贵单位参加“{活动}”。\n\n时间：{时间}\n地点：{地点}\n主题：{主题}\n主办：{主办}\n承办：{承办}\n\n"
        "请在{答复截止}前打开下面的链接，答复是否参加、由谁参加，不需要登录：\n{答复链接}\n\n"
        "也可以在平台首页的“答复邀请”中输入邀请码 {邀请码}。链接和邀请码只供贵单位使用，请不要转发给他人。"
        "活动开始以前都可以更改答复。\n\n" + CONTACT,
    ),
    Kind.REMINDER: (
        "请答复是否参加：{活动}",
        "{单位}：\n\n“{活动}”定于{时间}举行，我们还没有收到贵单位的答复。\n地点：{地点}\n\n"
        "请打开下面的链接答复是否参加，不需要登录，约一分钟：\n{答复链接}\n\n"
        "邀请码：{邀请码}。已经答复的请忽略本邮件。\n\n" + CONTACT,
    ),
    Kind.LETTER: (
        "邀请函",
        "诚邀贵单位参加“{活动}”。活动定于{时间}举行。\n地点：{地点}\n主题：{主题}\n"
        "请在{答复截止}前扫描下面的二维码，或者打开网址填写邀请码，答复是否参加、来几位、什么时间到场。\n" + CONTACT,
    ),
    Kind.CALL: (
        "",
        "您好，我是“{活动}”的工作人员，想确认贵单位是否参加。活动时间是{时间}，地点在{地点}。\n"
        "方便的话请您打开邀请函上的网址，输入邀请码 {邀请码} 答复；也可以现在告诉我，由谁参加、几点到场。\n"
        "请在{答复截止}前答复。\n有问题请打 {联系电话}。",
    ),
    Kind.CHAT: (
        "",
        "{单位}您好，邀请贵单位参加“{活动}”。\n时间：{时间}\n地点：{地点}\n请在{答复截止}前点开答复，不用登录：\n{答复链接}\n"
        "链接只供贵单位使用，请不要转发。\n有问题请打 {联系电话}。",
    ),
}
_FIELD = re.compile(r"\{([^{}\n]{1,20})\}")


@dataclass(frozen=True)
class WrittenText:
    subject: str
    body: str


class LetterWriter:
    """Writes the texts of one round. Reads its terms and texts once, for any number of guests."""

    def __init__(self, docking_round: DockingRound) -> None:
        self.round = docking_round
        self.terms = terms_of(docking_round)
        undertakers = docking_round.organisers.filter(role=Organiser.Role.UNDERTAKER).select_related("organisation")
        self._undertaker = "、".join(str(row) for row in undertakers)
        latest = LetterText.objects.filter(docking_round=docking_round).order_by("kind", "-number").distinct("kind")
        own = {row.kind: (row.subject, row.body) for row in latest if not row.is_reset}
        self._texts = {kind: own.get(kind, built_in) for kind, built_in in BUILT_IN.items()}

    def write(self, kind: str, party: Party) -> WrittenText:
        subject, body = self._texts[Kind(kind)]
        values = self.values(party)
        return WrittenText(fill(subject, values), fill(body, values))

    def mail(self, kind: str, party: Party) -> WrittenText:
        """As `write`, with the ending of all mails."""
        written = self.write(kind, party)
        ending = settings.CITY.text("mail_ending", "本邮件由系统自动发出，请不要直接回复。")
        contact = f"\n{settings.SITE['contact']}" if settings.SITE["contact"] else ""
        return WrittenText(written.subject, f"{written.body}\n\n{ending}{contact}\n")

    def values(self, party: Party) -> dict[str, str]:
        docking_round = self.round
        reply_by = self.terms.reply_by
        return {
            "单位": party.full_name,
            "活动": docking_round.name,
            "时间": time_text(docking_round),
            "地点": docking_round.place,
            "主题": docking_round.themes,
            "主办": docking_round.host.name if docking_round.host else "",
            "承办": self._undertaker,
            "活动说明": docking_round.description,
            "答复链接": f"{settings.SITE_ADDRESS}{reverse('rsvp', args=[party.code])}",
            "邀请码": party.code,
            "答复截止": day_text(reply_by) if reply_by else "",
            "联系人": self.terms.contact_name,
            "联系电话": self.terms.contact_phone,
        }


def fill(text: str, values: dict[str, str]) -> str:
    """Replace the placeholders. A value is never read as a placeholder again."""
    lines = []
    for line in text.splitlines():
        names = [name for name in _FIELD.findall(line) if name in values]
        if names and not any(values[name] for name in names):
            continue
        lines.append(_FIELD.sub(lambda match: values.get(match[1], match[0]), line))
    return "\n".join(lines)


def time_text(docking_round: DockingRound) -> str:
    """Start and end; the end has a date only on another day."""
    start, end = (timezone.localtime(at) for at in (docking_round.starts_at, docking_round.ends_at))
    last = dateformat.format(end, "H:i" if start.date() == end.date() else "n月j日 H:i")
    return f"{dateformat.format(start, 'Y年n月j日 H:i')} 至 {last}"


def day_text(day: date) -> str:
    return f"{day.month}月{day.day}日"


def text_of(docking_round: DockingRound, kind: str) -> tuple[str, str]:
    """(subject, body) with placeholders: the round's own text, else the built-in one."""
    own = LetterText.objects.current(docking_round, kind)
    return (own.subject, own.body) if own else BUILT_IN[Kind(kind)]


def terms_of(docking_round: DockingRound) -> GuestTerms:
    """The terms of a round; what is not filled in is derived from the round, its host and the site."""
    terms = GuestTerms.objects.filter(docking_round=docking_round).first() or GuestTerms(docking_round=docking_round)
    host = docking_round.host
    if not terms.contact_phone:
        terms.contact_phone = next(iter(host.public_contacts if host else ()), "") or settings.SITE["contact"]
        terms.contact_name = terms.contact_name or (str(host) if host and terms.contact_phone else "")
    if terms.reply_by is None:
        starts_on, today = timezone.localdate(docking_round.starts_at), timezone.localdate()
        terms.reply_by = min(max(starts_on - timedelta(days=REPLY_DAYS_BEFORE), today + timedelta(days=1)), starts_on)
    return terms


@transaction.atomic
def save_terms(docking_round: DockingRound, values: dict[str, Any], *, by: User) -> GuestTerms:
    """Store contact, day of reply and places of a round. Raises PermissionDenied, ValidationError by field."""
    _check_city(by)
    DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)
    terms = GuestTerms.objects.filter(docking_round=docking_round).first() or GuestTerms(docking_round=docking_round)
    for name, value in values.items():
        setattr(terms, name, value)
    if terms.reply_by and terms.reply_by > timezone.localdate(docking_round.starts_at):
        raise ValidationError({"reply_by": "答复截止要在活动当天或以前。"})
    if bool(terms.contact_name) and not terms.contact_phone:
        raise ValidationError({"contact_phone": "写了联系人，请把电话也写上。"})
    terms.changed_by, terms.changed_at = by, timezone.now()
    terms.full_clean(exclude=["docking_round", "changed_by"])
    terms.save()
    record("更改邀请须知", docking_round, by=by, changes={"terms": [None, "、".join(sorted(values))]})
    return terms


@transaction.atomic
def save_text(docking_round: DockingRound, kind: str, *, subject: str, body: str, by: User) -> LetterText:
    """Add a version of a text. Raises PermissionDenied, ValidationError that names the placeholder."""
    _check_city(by)
    check_text(kind, subject, body)
    subject = subject.strip() or BUILT_IN[Kind(kind)][0]
    return _add_version(docking_round, kind, by, subject=subject, body=body.strip())


@transaction.atomic
def reset_text(docking_round: DockingRound, kind: str, *, by: User) -> LetterText:
    """Use the built-in text again; the own versions stay. Raises PermissionDenied, ValidationError."""
    _check_city(by)
    if LetterText.objects.current(docking_round, kind) is None:
        raise ValidationError("现在用的就是平台自带的文字。")
    return _add_version(docking_round, kind, by, is_reset=True)


def copy_texts(source: DockingRound, target: DockingRound, *, by: User) -> int:
    """Take over the own texts of an earlier round. Returns how many."""
    _check_city(by)
    own = [(kind, LetterText.objects.current(source, kind)) for kind in Kind]
    texts = [(kind, text) for kind, text in own if text is not None]
    for kind, text in texts:
        _add_version(target, kind, by, subject=text.subject, body=text.body)
    return len(texts)


def check_text(kind: str, subject: str, body: str) -> None:
    """Raises ValidationError for an empty text, an unknown placeholder or a missing one."""
    if not body.strip():
        raise ValidationError({"body": "正文不能为空；要恢复平台自带的文字，请点“恢复”。"})
    unknown = [name for name in _FIELD.findall(subject + "\n" + body) if name not in PLACEHOLDERS]
    if unknown:
        raise ValidationError({"body": "没有“{%s}”这个占位符，请改成下面列出的，或去掉花括号。" % unknown[0]})
    missing = [name for name in REQUIRED[Kind(kind)] if "{%s}" % name not in body]
    if missing:
        words = "、".join("{%s}" % name for name in missing)
        raise ValidationError({"body": f"正文里还要有{words}，否则收到的人没法答复或询问。"})


def _add_version(docking_round: DockingRound, kind: str, by: User, **columns: Any) -> LetterText:
    DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)  # two windows: one after the other
    latest = LetterText.objects.filter(docking_round=docking_round, kind=kind).order_by("-number").first()
    text = LetterText(
        docking_round=docking_round, kind=kind, number=latest.number + 1 if latest else 1, made_by=by, **columns
    )
    text.full_clean(exclude=["docking_round", "made_by"])
    text.save(force_insert=True)
    record("更改信函文字", docking_round, by=by, changes={"text_version": [None, str(text)]})
    return text


def _check_city(by: User) -> None:
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以更改信函和邀请须知。")
