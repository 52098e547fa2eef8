"""A round made from an earlier one: its organisers, halls, walking times, slots, agenda without people, rules, targets
and letters. Nothing of what guests answered is taken over; they are listed only if an officer chooses them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import (
    AgendaItem,
    DockingRound,
    FeaturedSelection,
    GuestTerms,
    Hall,
    HallWalk,
    LateRule,
    Organiser,
    Party,
    PreDockingTarget,
    Slot,
)
from rounds.services.guest_letters import copy_texts
from rounds.services.guests import add_parties, add_party
from rounds.services.rounds import check_city
from rounds.services.venue import lock_open_round

MAX_TABLES = 300
COPIED = ("host_kind", "host", "description")
COPIED_TERMS = ("contact_name", "contact_phone", "most_firms", "most_teams")


@dataclass(frozen=True)
class CopyResult:
    """The new round, and how many parts of the earlier one did not fit into its time."""

    docking_round: DockingRound
    slots: int
    left_out: int


@transaction.atomic
def copy_round(
    source: DockingRound, *, name: str, themes: str, place: str, starts_at: datetime, ends_at: datetime, by: User
) -> CopyResult:
    """Create a round in preparation like `source`. Slots and agenda keep their distance from the begin; what would lie
    after the new end is left out. Raises PermissionDenied, ValidationError."""
    check_city(by)
    if starts_at <= timezone.now():
        raise ValidationError({"day": "开始时间已经过去，请选以后的日期。"})
    made = DockingRound(
        **{field: getattr(source, field) for field in COPIED},
        name=name,
        themes=themes,
        place=place,
        starts_at=starts_at,
        ends_at=ends_at,
        copied_from=source,
    )
    made.full_clean(exclude=["match_run", "closed_by", "copied_from"])
    made.save(force_insert=True)
    record("照上一场建立活动", made, by=by, changes={"round": [None, source.name]})
    halls = _copy_halls(source, made)
    shift = starts_at - source.starts_at
    slots, late_slots = _copy_slots(source, made, shift)
    late_items = _copy_agenda(source, made, shift, halls)
    Organiser.objects.bulk_create(
        Organiser(docking_round=made, role=row.role, organisation=row.organisation, name=row.name, order=row.order)
        for row in source.organisers.select_related("organisation")
    )
    if selection := FeaturedSelection.objects.filter(docking_round=source).first():
        FeaturedSelection.objects.create(
            docking_round=made, rules=selection.rules, changed_by=by, changed_at=timezone.now()
        )
    _copy_letters(source, made, by)
    PreDockingTarget.objects.bulk_create(
        PreDockingTarget(docking_round=made, region_id=row.region_id, kind=row.kind, number=row.number, set_by=by)
        for row in PreDockingTarget.objects.filter(docking_round=source)
    )
    return CopyResult(made, slots, late_slots + late_items)


def _copy_letters(source: DockingRound, made: DockingRound, by: User) -> None:
    """The texts of its own, whom to ask, the places and the rule for late talks; not the day of reply, which is of its
    own time."""
    copy_texts(source, made, by=by)
    if terms := GuestTerms.objects.filter(docking_round=source).first():
        fields = {name: getattr(terms, name) for name in COPIED_TERMS}
        GuestTerms.objects.create(docking_round=made, changed_by=by, changed_at=timezone.now(), **fields)
    if rule := LateRule.objects.filter(docking_round=source).first():
        LateRule.objects.create(docking_round=made, kind=rule.kind, min_minutes=rule.min_minutes)


def _copy_halls(source: DockingRound, made: DockingRound) -> dict[int, Hall]:
    """{hall of the source: its copy}; halls out of use are left out."""
    old = list(source.halls.filter(closed_at=None))
    new = Hall.objects.bulk_create(
        Hall(docking_round=made, name=hall.name, tables=hall.tables, order=hall.order) for hall in old
    )
    halls = {hall.pk: copy for hall, copy in zip(old, new, strict=True)}
    walks = HallWalk.objects.filter(hall__in=halls, other_hall__in=halls)
    HallWalk.objects.bulk_create(  # a lower id first: the copies have the order of the originals
        HallWalk(**dict(zip(("hall", "other_hall"), _by_id(halls, walk), strict=True)), minutes=walk.minutes)
        for walk in walks
    )
    return halls


def _by_id(halls: dict[int, Hall], walk: HallWalk) -> list[Hall]:
    return sorted((halls[walk.hall_id], halls[walk.other_hall_id]), key=lambda hall: hall.pk)


def _copy_slots(source: DockingRound, made: DockingRound, shift: timedelta) -> tuple[int, int]:
    old = list(source.slots.all())
    fitting = [slot for slot in old if _fits(slot, made, shift)]
    Slot.objects.bulk_create(
        Slot(docking_round=made, starts_at=slot.starts_at + shift, ends_at=slot.ends_at + shift) for slot in fitting
    )
    return len(fitting), len(old) - len(fitting)


def _copy_agenda(source: DockingRound, made: DockingRound, shift: timedelta, halls: dict[int, Hall]) -> int:
    """Copy the items that present no achievement, without people. Returns how many did not fit."""
    old = list(source.agenda.active().filter(achievement=None))
    fitting = [item for item in old if _fits(item, made, shift)]
    AgendaItem.objects.bulk_create(
        AgendaItem(
            docking_round=made,
            kind=item.kind,
            title=item.title,
            hall=halls.get(item.hall_id) if item.hall_id else None,
            starts_at=item.starts_at + shift,
            ends_at=item.ends_at + shift,
            is_public=item.is_public,
        )
        for item in fitting
    )
    return len(old) - len(fitting)


def _fits(row: Slot | AgendaItem, made: DockingRound, shift: timedelta) -> bool:
    return made.starts_at <= row.starts_at + shift and row.ends_at + shift <= made.ends_at


@transaction.atomic
def set_tables(docking_round: DockingRound, numbers: dict[int, int], *, by: User) -> int:
    """Set {hall: number of tables} of a round in preparation; returns how many changed. Raises PermissionDenied,
    ValidationError."""
    check_city(by)
    row = lock_open_round(docking_round)
    changes = {}
    for hall in row.halls.filter(pk__in=numbers):
        if hall.tables != numbers[hall.pk]:
            changes[f"{hall} 桌数"] = [hall.tables, numbers[hall.pk]]
            Hall.objects.filter(pk=hall.pk).update(tables=numbers[hall.pk])
    if changes:
        record("修改洽谈桌数", row, by=by, changes=changes)
    return len(changes)


@transaction.atomic
def take_over_guests(docking_round: DockingRound, parties: Collection[Party], *, by: User) -> int:
    """List the organisations of these parties of the earlier round for this one, not invited yet. Returns how many are
    new. Raises PermissionDenied, ValidationError."""
    check_city(by)
    listed = set(docking_round.parties.active().values_list("organisation", "team"))
    new = [party for party in parties if (party.organisation_id, party.team) not in listed]
    whole = [party.organisation for party in new if not party.team]
    if whole:
        add_parties(docking_round, whole, by=by)
    for party in new:
        if party.team:
            add_party(docking_round, party.organisation, team=party.team, by=by)
    return len(new)


def earlier_guests(docking_round: DockingRound) -> list[Party]:
    """The guests of the round that this one was made from, without withdrawn ones and organisations out of use."""
    if docking_round.copied_from is None:
        return []
    rows = docking_round.copied_from.parties.active().filter(organisation__is_active=True)
    return list(rows.select_related("organisation__stat_region").order_by("side", "organisation__name", "team"))
