"""Invitations and reminders to guests, and the letters to print."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from notices import recipients
from notices.models import NoticeKind
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, GuestMessage, LetterText, Organiser, Party
from rounds.services.guest_letters import LetterWriter, time_text
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.guest_reach import Reach, WayCounts


def send_invitations(parties: Collection[Party], by: User | None, reach: list[Reach] | None = None) -> WayCounts:
    """`reach`: the ways of these parties, if they were read before."""
    kinds = (GuestMessage.Kind.INVITATION, LetterText.Kind.INVITATION, NoticeKind.INVITED)
    return _send(parties, kinds, "invited", by, reach)


def send_reminders(parties: Collection[Party], by: User | None, reach: list[Reach] | None = None) -> WayCounts:
    kinds = (GuestMessage.Kind.REMINDER, LetterText.Kind.REMINDER, NoticeKind.REMINDER)
    return _send(parties, kinds, f"remind {timezone.localdate()}", by, reach)


def _send(
    parties: Collection[Party],
    kinds: tuple[str, str, NoticeKind],
    what: str,
    by: User | None,
    reach: list[Reach] | None,
) -> WayCounts:
    message_kind, letter_kind, notice_kind = kinds
    writers = {party.docking_round_id: LetterWriter(party.docking_round) for party in _one_of_each_round(parties)}
    texts = {}
    for party in parties:
        written = writers[party.docking_round_id].mail(letter_kind, party)
        texts[party] = GuestText(
            written.subject,
            written.body,
            written.line,
            reverse("my_invitation", args=[party.public_id]),
            notice_topic(party),
            f"{notice_topic(party)} {what}",
        )
    return send_to_guests(texts, kind=message_kind, notice_kind=notice_kind, by=by, reach=reach)


def _one_of_each_round(parties: Collection[Party]) -> Iterable[Party]:
    return {party.docking_round_id: party for party in parties}.values()


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
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    """The text of the letter, as the city wrote it for this round or as built in."""

    @property
    def time_text(self) -> str:
        return time_text(self.party.docking_round)


def invitation_letters(
    docking_round: DockingRound, user: User, *, only_unprinted: bool = False
) -> Iterable[InvitationLetter]:
    """Yield the letters of the invited parties that this user manages, by district and name; with `only_unprinted` only
    those to print. Two queries."""
    parties = Party.objects.managed_by(user).filter(docking_round=docking_round)
    parties = parties.to_be_printed() if only_unprinted else parties.invited()
    parties = parties.select_related("organisation__stat_region", "docking_round__host")
    district = F("organisation__stat_region__order").asc(nulls_last=True)
    undertaker, writer = undertaker_names(docking_round), LetterWriter(docking_round)
    for party in parties.order_by(district, "organisation__name", "team"):
        yield invitation_letter(party, undertaker, writer)


def undertaker_names(docking_round: DockingRound) -> str:
    rows = docking_round.organisers.filter(role=Organiser.Role.UNDERTAKER).select_related("organisation")
    return "、".join(str(row) for row in rows)


def invitation_letter(party: Party, undertaker: str, writer: LetterWriter | None = None) -> InvitationLetter:
    docking_round = party.docking_round
    text = writer.write(LetterText.Kind.LETTER, party) if writer else None
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
        title=text.subject if text else "",
        paragraphs=tuple(line for line in text.body.splitlines() if line.strip()) if text else (),
    )
