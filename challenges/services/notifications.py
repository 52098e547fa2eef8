"""Notices about challenges. None of them says who bids, or what, before the opening."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import Membership, Role
from challenges.models import Bid, Challenge
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft

BIDDERS = (Role.INSTITUTION, Role.BROKER)


def _subject(challenge: Challenge) -> str:
    return f"challenge {challenge.public_id}"


def notify_firm(challenge: Challenge, text: str, event: str) -> None:
    users = _members([challenge.demand.firm_id], (Role.FIRM,))
    _notify(challenge, users, text, reverse("own_challenge", args=[challenge.public_id]), event)


def notify_district(challenge: Challenge, text: str, event: str) -> None:
    region = challenge.demand.firm.stat_region_id
    rows = Membership.objects.filter(role=Role.DISTRICT, organisation__stat_region=region, user__is_active=True)
    users = set(rows.values_list("user", flat=True)) if region else set()
    _notify(challenge, users, text, reverse("admin:challenges_page", args=[challenge.public_id]), event)


def notify_city(challenge: Challenge, text: str, event: str) -> None:
    rows = Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True)
    _notify(challenge, set(rows), text, reverse("admin:challenges_page", args=[challenge.public_id]), event)


def notify_bidders(challenge: Challenge, text: str, event: str) -> None:
    """Every organisation that drafts or has handed in a bid, each about its own."""
    for bid in challenge.bids.all():
        notify_bid(bid, text, event)


def notify_bid(bid: Bid, text: str, event: str, *, only: Iterable[int] | None = None, path: str | None = None) -> None:
    """The members of a bid, or `only` these organisations. `path`: for those who cannot open the bid any more."""
    organisations = list(only) if only is not None else _organisations(bid)
    path = path or reverse("bid", args=[bid.public_id])
    _notify(bid.challenge, _members(organisations, BIDDERS), text, path, f"{bid.public_id} {event}")


def notify_others(challenge: Challenge, winner: Bid, text: str, event: str) -> None:
    """Those who have handed in besides the winner."""
    for bid in Bid.objects.in_race().filter(challenge=challenge).exclude(pk=winner.pk):
        notify_bid(bid, text, event)


def notify_reader(challenge: Challenge, user: int, text: str, event: str) -> None:
    """One user, about the public page: who asked, or objected."""
    _notify(challenge, {user}, text, reverse("challenge_detail", args=[challenge.public_id]), event)


def settle_earlier_notices(challenge: Challenge) -> None:
    """The notices of earlier steps are done."""
    settle_notices(_subject(challenge), [NoticeKind.CHALLENGE])


def _organisations(bid: Bid) -> list[int]:
    return list(bid.members.active().values_list("organisation", flat=True))


def _members(organisations: Iterable[int], roles: Iterable[str]) -> set[int]:
    rows = Membership.objects.filter(organisation__in=organisations, role__in=roles, user__is_active=True)
    return set(rows.values_list("user", flat=True))


def _notify(challenge: Challenge, users: set[int], text: str, path: str, event: str) -> None:
    subject = _subject(challenge)
    notify(
        NoticeDraft(user, NoticeKind.CHALLENGE, text, path, subject, f"{subject} {event} {user}"[:120])
        for user in sorted(users)
    )
