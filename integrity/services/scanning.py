"""Runs the signals over all records and keeps the cases in step with what they find.

The trail, which nobody can change, gets no sentence: a sentence may name a person.

Always over everything: a ring of three or a second sale of an achievement is not seen from the touched rows alone. So
the same records give the same cases, whatever the order in which they came.
"""

from collections.abc import Iterable
from hashlib import md5

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from audit.models import AuditRecord
from audit.services import record_many
from integrity.models import Case, CaseRow, Scan, SignalRule
from integrity.services.explanations import withdraw_pending
from integrity.signals.detection import detect
from integrity.signals.facts import Finding, Snapshot
from integrity.snapshot import take_snapshot

LOCK = 716_016
"""Key of the advisory lock that lets one scan run at a time."""
WATCHED = ("deals.", "integrity.ownership", "integrity.registereddetails", "integrity.signalrule", "mechanism.related")
WATCHED_ACCOUNTS = ("accounts.membership", "accounts.organisation", "accounts.contact", "accounts.sourcefile")
MOST_NAMES = 2000
Status = Case.Status


def scan_if_changed() -> Scan | None:
    """`scan`, if the audit trail has anything new about what the signals read; None if not."""
    last = Scan.objects.first()
    records = AuditRecord.objects.filter(pk__gt=last.last_record if last else 0)
    kinds = records.order_by().values_list("object_type", flat=True).distinct()
    if last and not any(kind.startswith(WATCHED + WATCHED_ACCOUNTS) for kind in kinds):
        return None
    return scan()


@transaction.atomic
def scan() -> Scan:
    """Scan all records. The same records give the same cases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last_record = AuditRecord.objects.aggregate(last=Max("pk"))["last"] or 0
    snapshot, limits = take_snapshot(), SignalRule.objects.all().limits_by_signal()
    findings = {(row.signal, _digest(row.key)): row for row in detect(snapshot, limits)}
    cases = {
        (case.signal, case.key): case
        for case in Case.objects.select_for_update(no_key=True).filter(signal__in=limits).order_by("pk")
    }
    rows = _rows_of(cases.values())
    new = {key: finding for key, finding in findings.items() if key not in cases}
    changed = [
        (cases[key], finding)
        for key, finding in findings.items()
        if key in cases
        and (cases[key].facts_hash != _facts_hash(finding, snapshot) or cases[key].status == Status.GONE)
    ]
    _open(new, snapshot)
    _change(changed, rows, snapshot)
    gone = _clear([case for key, case in cases.items() if key not in findings], rows, snapshot)
    return Scan.objects.create(
        last_record=last_record,
        contracts=len(snapshot.contracts),
        findings=len(findings),
        opened=len(new),
        changed=len(changed),
        gone=gone,
    )


def _rows_of(cases: Iterable[Case]) -> dict[int, list[CaseRow]]:
    rows: dict[int, list[CaseRow]] = {case.pk: [] for case in cases}
    for row in CaseRow.objects.filter(case__in=list(rows)).select_related("figure_effect"):
        rows[row.case_id].append(row)
    return rows


def _open(new: dict[tuple[str, str], Finding], snapshot: Snapshot) -> None:
    pairs = []
    for (signal, key), finding in new.items():
        case = Case(signal=signal, key=key)
        _describe(case, finding, snapshot)
        pairs.append((case, finding))
    Case.objects.bulk_create([case for case, _finding in pairs], batch_size=500)
    _link_organisations(pairs)
    CaseRow.objects.bulk_create([row for case, finding in pairs for row in _new_rows(case, finding)], batch_size=1000)
    record_many("发现诚信线索", {case: {"signal": [None, case.signal]} for case, _finding in pairs}, by=None)


def _change(changed: list[tuple[Case, Finding]], rows: dict[int, list[CaseRow]], snapshot: Snapshot) -> None:
    """Facts of a known finding are different, or it is back."""
    for case, finding in changed:
        before = case.facts_hash
        _describe(case, finding, snapshot)
        _save(case, _status_after_change(case))
        kept = {row.record_key: row for row in rows[case.pk]}
        wanted = [(row.kind, row.pk) for row in finding.rows]
        CaseRow.objects.filter(
            pk__in=[row.pk for key, row in kept.items() if key not in wanted and not row.effect]
        ).delete()
        CaseRow.objects.filter(pk__in=[row.pk for row in kept.values()]).update(is_current=False)
        CaseRow.objects.filter(pk__in=[row.pk for key, row in kept.items() if key in wanted]).update(is_current=True)
        CaseRow.objects.bulk_create(
            row
            for row, ref in zip(_new_rows(case, finding), finding.rows, strict=True)
            if (ref.kind, ref.pk) not in kept
        )
        case.organisations.clear()
        _link_organisations([(case, finding)])
        record_many("线索的事实有变化", {case: {"facts_hash": [before, case.facts_hash]}}, by=None)


def _status_after_change(case: Case) -> str:
    if case.outcome and case.decided_hash == case.facts_hash:
        return Status.DECIDED  # the facts are as they were when a person decided
    return case.status if case.status in (Status.ASKED, Status.ANSWERED) else Status.OPEN


def _clear(cases: list[Case], rows: dict[int, list[CaseRow]], snapshot: Snapshot) -> int:
    """Findings that are no longer there. What has an effect in the figures waits for a person to decide anew."""
    gone = 0
    for case in cases:
        in_force = [row for row in rows[case.pk] if row.effect]
        if in_force:
            versions = sorted(f"{key} {snapshot.versions.get(key, '')}" for key in (row.record_key for row in in_force))
            facts_hash = _digest("gone " + " ".join(versions))
            if facts_hash == case.facts_hash:
                continue
            case.facts_hash = facts_hash
            _save(case, Status.DECIDED if case.decided_hash == facts_hash else Status.OPEN)
            CaseRow.objects.filter(case=case).update(is_current=False)
            record_many("线索的事实有变化", {case: {"is_current": [True, False]}}, by=None)
            gone += 1
        elif case.status in Case.UNDECIDED:
            before = case.status
            _save(case, Status.GONE)
            withdraw_pending(case, by=None)
            record_many("诚信线索消失", {case: {"status": [before, Status.GONE]}}, by=None)
            gone += 1
    return gone


def _save(case: Case, status: str) -> None:
    case.status, case.revision, case.changed_at = status, case.revision + 1, timezone.now()
    case.save(update_fields=["sentence", "parties", "amount_wan", "facts_hash", "status", "revision", "changed_at"])


def _describe(case: Case, finding: Finding, snapshot: Snapshot) -> None:
    case.sentence = finding.sentence
    case.parties = "、".join(sorted(snapshot.name_of(key) for key in finding.parties))[:MOST_NAMES]
    case.amount_wan = finding.amount
    case.facts_hash = _facts_hash(finding, snapshot)


def _facts_hash(finding: Finding, snapshot: Snapshot) -> str:
    rows = sorted(f"{row.kind} {row.pk} {snapshot.versions.get((row.kind, row.pk), '')}" for row in finding.rows)
    return _digest("\n".join([finding.sentence, *rows]))


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _new_rows(case: Case, finding: Finding) -> list[CaseRow]:
    return [
        CaseRow(case=case, order=order, is_proposed=ref.is_proposed, **{f"{ref.kind}_id": ref.pk})
        for order, ref in enumerate(finding.rows)
    ]


def _link_organisations(pairs: Iterable[tuple[Case, Finding]]) -> None:
    link = Case.organisations.through
    links = [
        link(case_id=case.pk, organisation_id=key)
        for case, finding in pairs
        for key in finding.parties
        if isinstance(key, int)
    ]
    link.objects.bulk_create(links, batch_size=1000)
