"""Load the demo city in chronological order."""

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Field, ForeignKey, Model

from accounts.models import Contact, Organisation, User
from achievements.models import Achievement
from audit.models import AuditQuerySet, AuditRecord
from brokers.models import Broker
from demands.models import Demand
from matching.models import Match
from notices.texts.writing import wordings_read_once
from portal.demo.achievements import load_achievements, settle_achievements
from portal.demo.answers import load_answers_to_demands
from portal.demo.approaches import load_approaches
from portal.demo.brokerage import load_brokerage
from portal.demo.challenges import load_challenges
from portal.demo.closings import load_closings
from portal.demo.contracts import load_contracts
from portal.demo.correspondence import load_correspondence
from portal.demo.dataset import past_rounds, rows
from portal.demo.deals import load_deals
from portal.demo.demand_changes import load_demand_changes
from portal.demo.demands import load_demands, settle_demands
from portal.demo.directory import load_directory
from portal.demo.disclosures import load_disclosures
from portal.demo.drafting import load_document_drafts
from portal.demo.evidence import load_evidence
from portal.demo.finding_again import load_finding_again
from portal.demo.follow_ups import load_answers
from portal.demo.guests import follow_up_past_meetings, load_guests
from portal.demo.honours import load_honours
from portal.demo.immediate_runs import load_immediate_run
from portal.demo.integrity import load_integrity
from portal.demo.logins import read_passwords, write_logins
from portal.demo.mechanism import load_mechanism
from portal.demo.meeting_requests import load_meeting_requests
from portal.demo.members import load_members
from portal.demo.obstacles import load_obstacles
from portal.demo.past_meetings import load_past_meetings
from portal.demo.people import DemoContext, load_organisations, load_people, logins
from portal.demo.portfolio import load_portfolio
from portal.demo.reports import load_reports
from portal.demo.rounds import load_broker_requests, load_round
from portal.demo.sheet_imports import load_sheet_import
from portal.demo.subsidies import load_fund_projects, load_subsidies
from portal.demo.targets import load_targets
from portal.demo.trials import load_trials
from portal.demo.week import load_week

TOMORROW = 1


class DemoRefused(ValidationError):
    """The database contains other data than the demo's."""


@dataclass
class LoadCounts:
    """How many rows of each kind were created; all zero if the demo city was complete."""

    organisations: int = 0
    passwords: int = 0
    directory: int = 0
    achievements: int = 0
    demands: int = 0
    rounds: int = 0
    deals: int = 0
    contracts: int = 0
    honours: int = 0
    mechanism: int = 0
    members: int = 0

    @property
    def anything(self) -> bool:
        return any(asdict(self).values())


def load_demo_city(*, logins_file: Path | None = None, address: str = "", force: bool = False) -> LoadCounts:
    """Load the demo city in one transaction; a second call adds only what is missing.

    Writes `address` and all logins to `logins_file` (mode 0600), keeping the passwords in it. Raises DemoRefused if
    the database contains other data, unless `force`.
    """
    passwords = read_passwords(logins_file) if logins_file else None
    demo, loaded = DemoContext(), LoadCounts()
    with transaction.atomic(), _without_model_validation(), wordings_read_once():
        if not force:
            _check_no_other_data()
        with _audit_records_at_once():
            _load_people_and_rounds(demo, loaded, passwords)
        loaded.mechanism = load_mechanism(demo)
        load_meeting_requests(demo)
        load_disclosures(demo)
        loaded.deals = load_deals(demo)
        loaded.contracts = load_contracts(demo)
        load_evidence(demo)
        load_approaches(demo)
        load_answers_to_demands(demo)
        loaded.honours = load_honours(demo)
        load_sheet_import()
        loaded.members = load_members(demo)
        load_immediate_run()
        load_finding_again(demo)
        load_demand_changes(demo)
        load_targets(demo)
        load_integrity(demo)
        load_subsidies(demo)
        load_fund_projects(demo)
        load_portfolio(demo)
        load_correspondence(demo)
        load_document_drafts(demo)
        load_week(demo)
        load_obstacles(demo)
        load_trials(demo)
        load_reports(demo)
        load_brokerage(demo)
        load_challenges(demo)
        load_closings(demo)  # last: a closed month counts everything before it
    if logins_file:
        write_logins(logins_file, address, logins(demo, passwords))
    return loaded


@contextmanager
def _without_model_validation():
    """Switch off queries of model validation and savepoints while loading.

    Django queries uniqueness, constraints and foreign keys before each save, only for better messages; the database
    checks them anyway. The queries would take a third of the time. The load is one transaction and needs no savepoints.
    """

    def skip(*_args, **_kwargs):
        return None

    replacements = {
        (Model, "validate_unique"): skip,
        (Model, "validate_constraints"): skip,
        (ForeignKey, "validate"): Field.validate,
    }
    originals = {(owner, name): getattr(owner, name) for owner, name in replacements}
    for (owner, name), replacement in replacements.items():
        setattr(owner, name, replacement)
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = True
        for (owner, name), original in originals.items():
            setattr(owner, name, original)


def _load_people_and_rounds(demo: DemoContext, loaded: LoadCounts, passwords: dict[str, str] | None) -> None:
    loaded.organisations = load_organisations(demo)
    loaded.passwords = load_people(demo, passwords)
    loaded.directory = load_directory(demo)
    for row in past_rounds():
        _load_entries(demo, loaded, before=row["starts_in_days"])
        _analyze_tables()
        loaded.rounds += load_round(row, demo)
    _load_entries(demo, loaded, before=TOMORROW)
    for row in rows("rounds"):
        loaded.rounds += load_round(row, demo)
    if loaded.achievements or loaded.demands or loaded.rounds:
        _analyze_tables()
        load_past_meetings(demo)
        load_broker_requests(demo)
        load_answers(demo)
        settle_achievements(demo)
        settle_demands(demo)
        load_guests(demo)
        follow_up_past_meetings(demo)


@contextmanager
def _audit_records_at_once():
    """Store the audit records of the block together at its end, in their order: three thousand INSERTs less.

    Nothing in the block may read the trail.
    """
    kept: list[AuditRecord] = []
    save, bulk_create = AuditRecord.save, AuditQuerySet.bulk_create
    AuditRecord.save = lambda record, **_options: kept.append(record)  # type: ignore[method-assign]
    AuditQuerySet.bulk_create = lambda _rows, records, **_options: kept.extend(records)  # type: ignore[assignment]
    try:
        yield
    finally:
        AuditRecord.save, AuditQuerySet.bulk_create = save, bulk_create  # type: ignore[method-assign]
    AuditRecord.objects.bulk_create(kept, batch_size=1000)


def _load_entries(demo: DemoContext, loaded: LoadCounts, *, before: int) -> None:
    loaded.achievements += load_achievements(demo, before=before)
    loaded.demands += load_demands(demo, before=before)


def _analyze_tables() -> None:
    """Update planner statistics: otherwise joins on the tables filled in this transaction take half a second each."""
    names = [model._meta.db_table for model in (Achievement, Demand, Match, Organisation, Contact, User, Broker)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(names)}")


def _check_no_other_data() -> None:
    city = next(row["name"] for row in rows("authorities") if row["kind"] == "city")
    if Organisation.objects.filter(name=city).exists():
        return
    if User.objects.exists() or Organisation.objects.exists():
        raise DemoRefused(
            "这个数据库里已有别人的用户或单位，没有载入演示数据。请换一个空数据库；确要混在一起，请加 --force。"
        )
