"""The texts that guests read: mails, printed letters, what to say on the telephone, what to paste into a chat.

A round may have its own; else the city's text for all rounds is used, else the built-in one (`rounds.sent_texts`).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import dateformat, timezone

from accounts.models import User
from audit.services import record
from notices.texts.checks import check_wording
from notices.texts.declared import text_of_key
from notices.texts.fields import fill
from notices.texts.writing import Wording, WrittenText, wording_of, wordings
from rounds.models import DockingRound, GuestTerms, LetterText, Organiser, Party
from rounds.sent_texts import letter_key

Kind = LetterText.Kind
REPLY_DAYS_BEFORE = 7
"""By default a guest is asked to answer so many days before the round."""


class Level(StrEnum):
    """Whose wording a round uses."""

    ROUND = "本次活动自己的文字"
    CITY = "全市的文字"
    BUILT_IN = "平台自带的文字"


@dataclass(frozen=True)
class RoundWording:
    """The wording of one text in one round, and whose it is."""

    wording: Wording
    level: Level


class LetterWriter:
    """Writes the texts of one round. Reads its terms and texts once, for any number of guests."""

    def __init__(self, docking_round: DockingRound) -> None:
        self.round = docking_round
        self.terms = terms_of(docking_round)
        undertakers = docking_round.organisers.filter(role=Organiser.Role.UNDERTAKER).select_related("organisation")
        self._undertaker = "、".join(str(row) for row in undertakers)
        latest = LetterText.objects.filter(docking_round=docking_round).order_by("kind", "-number").distinct("kind")
        own, citys = {row.kind: row for row in latest if not row.is_reset}, wordings("rounds.")
        self._wordings = {kind: _round_wording(kind, own.get(kind), citys).wording for kind in Kind}

    def write(self, kind: str, party: Party) -> WrittenText:
        return self.fill(self._wordings[Kind(kind)], party)

    def mail(self, kind: str, party: Party) -> WrittenText:
        """As `write`, with the ending of all mails."""
        written = self.write(kind, party)
        return replace(written, body=text_of_key(letter_key(kind)).with_ending(written.body))

    def fill(self, wording: Wording, party: Party) -> WrittenText:
        """Any wording as this guest would read it."""
        values = self.values(party)
        subject, line = (" ".join(fill(part, values).split()) for part in (wording.subject, wording.line))
        return WrittenText(subject, fill(wording.body, values), line)

    def values(self, party: Party) -> dict[str, str]:
        docking_round = self.round
        reply_by = self.terms.reply_by
        return {
            "单位": party.full_name,
            "活动": docking_round.name,
            "时间": time_text(docking_round),
            "开始": start_text(docking_round),
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


def time_text(docking_round: DockingRound) -> str:
    """Start and end; the end has a date only on another day."""
    start, end = (timezone.localtime(at) for at in (docking_round.starts_at, docking_round.ends_at))
    last = dateformat.format(end, "H:i" if start.date() == end.date() else "n月j日 H:i")
    return f"{dateformat.format(start, 'Y年n月j日 H:i')} 至 {last}"


def start_text(docking_round: DockingRound) -> str:
    start = timezone.localtime(docking_round.starts_at)
    return f"{start.month} 月 {start.day} 日 {start:%H:%M}"


def day_text(day: date) -> str:
    return f"{day.month}月{day.day}日"


def text_of(docking_round: DockingRound, kind: str) -> RoundWording:
    """With placeholders: the round's own text, else the city's, else the built-in one."""
    own, key = LetterText.objects.current(docking_round, kind), letter_key(kind)
    return _round_wording(kind, own, {key: wording} if (wording := wording_of(key)).is_citys else {})


def _round_wording(kind: str, own: LetterText | None, citys: dict[str, Wording]) -> RoundWording:
    text = text_of_key(letter_key(kind))
    shared = citys.get(text.key)
    if own is not None:  # one sentence for 短信 is the city's in any case
        return RoundWording(Wording(own.subject, own.body, shared.line if shared else text.line), Level.ROUND)
    if shared:
        return RoundWording(shared, Level.CITY)
    return RoundWording(Wording(text.subject, text.body, text.line), Level.BUILT_IN)


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
    subject = " ".join(subject.split()) or wording_of(letter_key(kind)).subject
    return _add_version(docking_round, kind, by, subject=subject, body=body.strip())


@transaction.atomic
def reset_text(docking_round: DockingRound, kind: str, *, by: User) -> LetterText:
    """Use the city's text again, or the built-in one; the own versions stay. Raises PermissionDenied,
    ValidationError."""
    _check_city(by)
    if LetterText.objects.current(docking_round, kind) is None:
        raise ValidationError(f"现在用的就是{text_of(docking_round, kind).level}。")
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
    """Raises ValidationError as `check_wording` does."""
    text = text_of_key(letter_key(kind))
    check_wording(text, subject=subject, body=body, line=text.line)


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
