"""Mails, notices and letters about invitations."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import dateformat, timezone

from accounts.models import Membership, Role, User
from notices import recipients
from notices.models import NoticeKind
from notices.services import SingleMail, notify, send_single_mails, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, Organiser, Party

ROLE_BY_SIDE = {Party.Side.FIRM: Role.FIRM, Party.Side.INSTITUTION: Role.INSTITUTION}


def mail_addresses(parties: Collection[Party]) -> dict[int, list[str]]:
    """Return {party: mail addresses}; for mails only."""
    addresses: dict[int, list[str]] = {}
    for side, role in ROLE_BY_SIDE.items():
        theirs = [party for party in parties if party.side == side]
        known = recipients.addresses_of({party.organisation_id for party in theirs}, role) if theirs else {}
        addresses |= {party.pk: known.get(party.organisation_id, []) for party in theirs}
    return addresses


def send_invitations(parties: Collection[Party], addresses: dict[int, list[str]], by: User) -> None:
    _send_mails(parties, addresses, "rounds/mail/invitation.txt", "邀请参加：%(round)s")
    _notify_guests(parties, NoticeKind.INVITED, "邀请您单位参加“%(round)s”（%(when)s），请答复是否参加。", "invited")


def send_reminders(parties: Collection[Party], addresses: dict[int, list[str]]) -> None:
    _send_mails(parties, addresses, "rounds/mail/reminder.txt", "请答复是否参加：%(round)s")
    day = timezone.localdate()
    _notify_guests(parties, NoticeKind.REMINDER, "请答复是否参加“%(round)s”（%(when)s）。", f"remind {day}")


def notify_answered(party: Party, *, by: User | None) -> None:
    """Settle the guest's own notices and notify staff of a declined invitation."""
    settle_notices(notice_topic(party), [NoticeKind.INVITED, NoticeKind.REMINDER])
    if party.answer != Party.Answer.DECLINED:
        return
    text = "%(party)s不参加“%(round)s”%(why)s。" % {
        "party": party.full_name,
        "round": party.docking_round.name,
        "why": f"：{party.answer_note}" if party.answer_note else "",
    }
    path = reverse("admin:rounds_party_change", args=[party.pk])
    recipient_ids = responsible_staff([party])[party.pk] - ({by.pk} if by else set())
    key = f"{notice_topic(party)} declined {party.revision}"
    notify(NoticeDraft(person, NoticeKind.GUESTS, text, path, notice_topic(party), key) for person in recipient_ids)


def withdraw_invitation_notices(party: Party) -> None:
    withdraw_notices(notice_topic(party))


def notice_topic(party: Party) -> str:
    return f"party {party.public_id}"


def responsible_staff(parties: Collection[Party]) -> dict[int, set[int]]:
    """Return {party: user ids}: who invited it and the officers of the firm's district; city staff for institutions and
    for firms without a district."""
    regions = {
        party.pk: party.organisation.stat_region_id
        for party in parties
        if party.side == Party.Side.FIRM and party.organisation.stat_region_id is not None
    }
    officers = recipients.district_officers(set(regions.values()))
    city: set[int] | None = None
    staff: defaultdict[int, set[int]] = defaultdict(set)
    for party in parties:
        if party.invited_by_id:
            staff[party.pk].add(party.invited_by_id)
        district = set(officers.get(regions[party.pk], ())) if party.pk in regions else set()
        if not district and city is None:
            city = set(Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True))
        staff[party.pk] |= district or city or set()
    return staff


def answer_url(party: Party) -> str:
    """Return the address of the answer page, short enough for a printed QR code."""
    return f"{settings.SITE_ADDRESS}{reverse('rsvp', args=[party.code])}"


# --- Letters to print ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class InvitationLetter:
    """The content of the letter to one party."""

    party: Party
    addressee: str
    round_name: str
    host: str
    undertaker: str
    place: str
    starts_at: datetime
    ends_at: datetime
    themes: str
    description: str
    code: str
    address: str
    """Address of the answer page: the text of the QR code."""
    invited_at: datetime | None

    @property
    def time_text(self) -> str:
        """Start and end; the end has a date only on another day."""
        same_day = self.starts_at.date() == self.ends_at.date()
        end = dateformat.format(self.ends_at, "H:i" if same_day else "n月j日 H:i")
        return f"{dateformat.format(self.starts_at, 'Y年n月j日 H:i')} 至 {end}"


def invitation_letters(
    docking_round: DockingRound, user: User, *, only_unprinted: bool = False
) -> Iterable[InvitationLetter]:
    """Yield the letters of the invited parties that this user manages, by district and name; with `only_unprinted` only
    those to print. Two queries."""
    parties = Party.objects.managed_by(user).filter(docking_round=docking_round)
    parties = parties.to_be_printed() if only_unprinted else parties.invited()
    parties = parties.select_related("organisation__stat_region", "docking_round__host")
    district = F("organisation__stat_region__order").asc(nulls_last=True)
    undertaker = undertaker_names(docking_round)
    for party in parties.order_by(district, "organisation__name", "team"):
        yield invitation_letter(party, undertaker)


def undertaker_names(docking_round: DockingRound) -> str:
    rows = docking_round.organisers.filter(role=Organiser.Role.UNDERTAKER).select_related("organisation")
    return "、".join(str(row) for row in rows)


def invitation_letter(party: Party, undertaker: str) -> InvitationLetter:
    docking_round = party.docking_round
    return InvitationLetter(
        party=party,
        addressee=party.full_name,
        round_name=docking_round.name,
        host=docking_round.host.name if docking_round.host else "",
        undertaker=undertaker,
        place=docking_round.place,
        starts_at=timezone.localtime(docking_round.starts_at),
        ends_at=timezone.localtime(docking_round.ends_at),
        themes=docking_round.themes,
        description=docking_round.description,
        code=party.code,
        address=answer_url(party),
        invited_at=party.invited_at,
    )


def _send_mails(parties: Collection[Party], addresses: dict[int, list[str]], template: str, subject: str) -> None:
    letters_to_send = []
    by_round = {party.docking_round_id: party.docking_round for party in parties}
    undertaken = {key: undertaker_names(docking_round) for key, docking_round in by_round.items()}
    for party in parties:
        if not addresses[party.pk]:
            continue
        body = render_to_string(
            template, {"letter": invitation_letter(party, undertaken[party.docking_round_id]), "site": settings.SITE}
        )
        title = subject % {"round": party.docking_round.name}
        letters_to_send += [SingleMail(address, title, body) for address in addresses[party.pk]]
    send_single_mails(letters_to_send)


def _notify_guests(parties: Collection[Party], kind: NoticeKind, text: str, what: str) -> None:
    people: dict[int, list[int]] = {}
    for side, role in ROLE_BY_SIDE.items():
        theirs = [party for party in parties if party.side == side]
        known = recipients.officers_of({party.organisation_id for party in theirs}, role) if theirs else {}
        people |= {party.pk: known.get(party.organisation_id, []) for party in theirs}
    notify(
        NoticeDraft(
            person,
            kind,
            text % {"round": party.docking_round.name, "when": start_text(party.docking_round)},
            reverse("my_invitation", args=[party.public_id]),
            notice_topic(party),
            f"{notice_topic(party)} {what}",
        )
        for party in parties
        for person in people[party.pk]
    )


def start_text(docking_round: DockingRound) -> str:
    start = timezone.localtime(docking_round.starts_at)
    return "%(month)s 月 %(day)s 日 %(time)s" % {"month": start.month, "day": start.day, "time": f"{start:%H:%M}"}
