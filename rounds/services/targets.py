"""Pre-event targets of districts, and reminders to districts behind them."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region, User
from audit.services import record
from notices.models import NoticeKind
from notices.recipients import district_officers
from notices.services import notify
from notices.services.notifications import NoticeDraft
from rounds.models import DistrictReminder, DockingRound, PreDockingTarget

MAX_TARGET = 10_000


@transaction.atomic
def set_targets(docking_round: DockingRound, numbers: dict[tuple[int, str], int | None], *, by: User) -> int:
    """Set {(region, kind): number}; None removes a target. Returns how many changed. Raises PermissionDenied for
    anybody but city staff, ValidationError for a number out of range or a round that is over."""
    _check_city(by)
    _check_open(docking_round)
    for number in numbers.values():
        if number is not None and not 0 <= number <= MAX_TARGET:
            raise ValidationError("目标数请填 0 到 %(most)s 之间的整数。" % {"most": MAX_TARGET})
    DockingRound.objects.select_for_update().get(pk=docking_round.pk)  # serialises simultaneous edits
    known = {(row.region_id, row.kind): row for row in PreDockingTarget.objects.filter(docking_round=docking_round)}
    changes = {}
    names = {region.pk: region.name for region in Region.objects.filter(pk__in={key[0] for key in numbers})}
    for (region, kind), number in numbers.items():
        row = known.get((region, kind))
        before = row.number if row else None
        if before == number:
            continue
        if number is not None:
            PreDockingTarget.objects.update_or_create(
                docking_round=docking_round,
                region_id=region,
                kind=kind,
                defaults={"number": number, "set_by": by, "set_at": timezone.now()},
            )
        elif row is not None:
            row.delete()
        changes[f"{names[region]} {PreDockingTarget.Kind(kind).label}"] = [before, number]
    if changes:
        record("设定会前目标", docking_round, by=by, changes=changes)
    return len(changes)


def remind_districts(docking_round: DockingRound, texts: dict[Region, str], *, by: User) -> list[Region]:
    """Send each district's officers the given text, at most once a day. Returns the districts reminded now. Raises
    PermissionDenied, ValidationError."""
    _check_city(by)
    _check_open(docking_round)
    officers = district_officers([region.pk for region in texts])
    return [region for region, text in texts.items() if _remind(docking_round, region, text, officers[region.pk], by)]


def _remind(docking_round: DockingRound, region: Region, text: str, people: Iterable[int], by: User) -> bool:
    text = "“%(round)s”会前准备：%(text)s。" % {"round": docking_round.name, "text": text}
    try:
        with transaction.atomic():
            reminder = DistrictReminder.objects.create(
                docking_round=docking_round, region=region, text=text[:400], sent_by=by
            )
    except IntegrityError:
        return False  # already reminded today
    about = f"round {docking_round.public_id}"
    path = reverse("admin:rounds_board") + f"?round={docking_round.public_id}"
    key = f"{about} {region.code} {reminder.day}"
    with transaction.atomic():
        notify(NoticeDraft(person, NoticeKind.GUESTS, text, path, about, key) for person in people)
        record("提醒区市县", docking_round, by=by, changes={"region": [None, region.name], "text": [None, text]})
    return True


def _check_city(by: User) -> None:
    if not by.scope.is_city:
        raise PermissionDenied("会前目标和提醒由市级专员负责。")


def _check_open(docking_round: DockingRound) -> None:
    if docking_round.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束。" % {"round": docking_round})
