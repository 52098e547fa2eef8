"""A round takes place at another time or place: everybody who was asked or comes hears of it once for each change."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.models import NoticeKind
from notices.services import SingleMail, notify, send_single_mails
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, Party
from rounds.services.invitations import addresses_of, letter_of, undertakers
from rounds.services.timetable_notifications import people_of

TOLD = (Party.Answer.INVITED, Party.Answer.COMING)
MOVING = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


def round_moved(before: DockingRound, after: DockingRound) -> int:
    """Those with an account find a notice, the others' known addresses get a letter; who has neither stands in the
    list of guests, to be called. Returns how many parties were told. Nothing happens where neither time nor place
    differs, or while nobody is invited yet."""
    changes = what_changed(before, after)
    if not changes or after.status not in MOVING:
        return 0
    parties = list(
        Party.objects.filter(docking_round=after, answer__in=TOLD).select_related("organisation", "docking_round__host")
    )
    people = people_of(parties)
    about = f"round {after.public_id}"
    words = _("“%(round)s”有变化：%(changes)s。") % {"round": after.name, "changes": "；".join(changes)}
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            words,
            reverse("my_invitation", args=[party.public_id]),
            about,
            f"{about} moved {after.sequence}",  # the same person for two teams: once
        )
        for party in parties
        for person in people[party.pk]
    )
    alone = [party for party in parties if not people[party.pk]]
    addresses = addresses_of(alone)
    _write(after, alone, addresses, changes)
    return sum(bool(people[party.pk] or addresses.get(party.pk)) for party in parties)


def what_changed(before: DockingRound, after: DockingRound) -> list[str]:
    """Each change as a phrase that names both; empty where time and place are the same."""
    found = []
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        found.append(_("时间由 %(was)s 改为 %(now)s") % {"was": _span(before), "now": _span(after)})
    if before.place != after.place:
        unknown = _("待定")
        found.append(
            _("地点由“%(was)s”改为“%(now)s”") % {"was": before.place or unknown, "now": after.place or unknown}
        )
    return found


def _span(docking_round: DockingRound) -> str:
    start, end = (timezone.localtime(at) for at in (docking_round.starts_at, docking_round.ends_at))
    last = f"{end:%H:%M}" if start.date() == end.date() else _day(end)
    return f"{_day(start)}–{last}"


def _day(at) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _write(docking_round: DockingRound, parties: list[Party], addresses: dict, changes: list[str]) -> None:
    subject = _("时间或地点有变：%(round)s") % {"round": docking_round.name}
    undertaken, letters = undertakers(docking_round), []
    for party in parties:
        if addresses[party.pk]:
            context = {"letter": letter_of(party, undertaken), "changes": changes, "site": settings.SITE}
            body = render_to_string("rounds/mail/moved.txt", context)
            letters += [SingleMail(address, subject, body) for address in addresses[party.pk]]
    send_single_mails(letters)
