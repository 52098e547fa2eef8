"""Import of a checked guest list: adds parties and attendees. Importing twice changes nothing."""

from collections.abc import Collection, Iterator

from django.core.exceptions import ValidationError

from accounts.models import Organisation, SourceFile, User
from accounts.services.source_files import ImportProgress, ImportResult, import_sheet
from audit.services import record_many
from rounds.imports import GuestImportPlan, GuestRow, plan_guests
from rounds.models import Attendee, DockingRound, Party
from rounds.services.guests import party_side


def import_guests(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored list again and import it. Nobody is invited by it and existing answers stay.

    The rows of a party are written together. The result counts parties. Raises ValidationError with the first faults,
    PermissionDenied, UnreadableSheet; then nothing is written.
    """
    return import_sheet(
        source_file,
        SourceFile.Kind.GUESTS,
        check=lambda content, name: plan_guests(content, name, by=by, only_own=only_own),
        write=lambda rows, _file: _write_locked(rows, by),
        by=by,
        parts=_parts,
        progress=progress,
    )


def _parts(plan: GuestImportPlan, size: int) -> Iterator[tuple[int, list[GuestRow]]]:
    """The rows in parts, each with all rows of its parties; its number is that of the first row of its last party."""
    plan.report.forget_cells()
    plan.report.rows.clear()
    by_party: dict[tuple[int, int, str], list[GuestRow]] = {}
    for row in plan.rows:
        by_party.setdefault(row.party, []).append(row)
    plan.rows.clear()
    part, number = list[GuestRow](), 0
    for rows in by_party.values():
        if part and len(part) + len(rows) > size:
            yield number, part
            part = []
        part, number = [*part, *rows], rows[0].number
    if part:
        yield number, part


def _write_locked(rows: list[GuestRow], by: User) -> ImportResult:
    # The locks serialise imports into one round and keep it open meanwhile.
    ids = {row.docking_round_id for row in rows}
    rounds = list(DockingRound.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if any(docking_round.status not in DockingRound.OPEN for docking_round in rounds):
        raise ValidationError("活动刚刚结束，参会名单不能再改。")
    return _write(rows, by)


def _write(rows: list[GuestRow], by: User) -> ImportResult:
    organisations: dict[tuple[int, int, str], Organisation] = {}
    for row in rows:
        organisations.setdefault(row.party, row.organisation)
    known = _existing_parties(organisations)
    new = [
        Party(docking_round_id=round_id, organisation=organisation, team=team, side=party_side(organisation))
        for (round_id, _pk, team), organisation in organisations.items()
        if (round_id, organisation.pk, team) not in known
    ]
    Party.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    record_many("列入参会名单", {party: {"by_list": [None, True]} for party in _saved(new)}, by=by)
    parties = known | {key: party for key, party in _existing_parties(organisations).items() if key not in known}
    skipped = {key for key, party in parties.items() if party.answer in (Party.Answer.WITHDRAWN, Party.Answer.DECLINED)}
    named = {key: {attendee.name for attendee in party.attendees.all()} for key, party in parties.items()}
    people, touched = [], set()
    for row in rows:
        if row.person and row.party not in skipped and row.person not in named[row.party]:
            named[row.party].add(row.person)
            people.append(Attendee(party=parties[row.party], name=row.person, position=row.position))
            touched.add(row.party)
    Attendee.objects.bulk_create(people, batch_size=500)
    changed = touched & known.keys()
    record_many("登记参会人员", {parties[key]: {"by_list": [None, True]} for key in changed}, by=by)
    unchanged = len(known) - len(changed) - len(skipped & known.keys())
    return ImportResult(len(new), unchanged, len(changed), len(skipped & known.keys()))


def _existing_parties(wanted: Collection[tuple[int, int, str]]) -> dict[tuple[int, int, str], Party]:
    """Return {(round, organisation, team): party} of those that exist."""
    rows = Party.objects.filter(
        docking_round__in={key[0] for key in wanted}, organisation__in={key[1] for key in wanted}
    ).prefetch_related("attendees")
    parties = {(party.docking_round_id, party.organisation_id, party.team): party for party in rows}
    return {key: party for key, party in parties.items() if key in wanted}


def _saved(new: list[Party]) -> list[Party]:
    rows = Party.objects.filter(public_id__in=[party.public_id for party in new])
    return list(rows.select_related("organisation"))
