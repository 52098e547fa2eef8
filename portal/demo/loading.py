"""The whole city at once: in the order in which it would have happened."""

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Field, ForeignKey, Model
from django.utils.translation import gettext as _

from accounts.models import Contact, Organisation, User
from achievements.models import Achievement
from brokers.models import Broker
from demands.models import Demand
from matching.models import Match
from portal.demo.city import past_rounds, rows
from portal.demo.contracts import load_contracts
from portal.demo.days import hold_past_days
from portal.demo.deals import load_deals
from portal.demo.follow_ups import answer_sides
from portal.demo.guests import follow_past_talks, load_guests
from portal.demo.honours import load_honours
from portal.demo.logins import read_passwords, write_logins
from portal.demo.mechanism import load_mechanism
from portal.demo.needs import load_demands, settle_demands
from portal.demo.offers import load_achievements, load_directory, settle_achievements
from portal.demo.people import Cast, load_organisations, load_people, logins
from portal.demo.rounds import ask_brokers, load_round
from portal.demo.wishes import want_meetings

TOMORROW = 1


class DemoRefused(ValidationError):
    """The database holds what is not the demo's."""


@dataclass
class Loaded:
    """How much was new. All zero when everything was here already."""

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

    @property
    def anything(self) -> bool:
        return any(asdict(self).values())


def load_demo_city(*, logins_file: Path | None = None, address: str = "", force: bool = False) -> Loaded:
    """Load the demo city into this database, all or nothing; a second call adds only what is missing.

    `logins_file` is written with `address` and a login per person (0600); the passwords in it are kept. Raises
    DemoRefused when the database holds other people's data, unless `force`.
    """
    passwords = read_passwords(logins_file) if logins_file else None
    cast, loaded = Cast(), Loaded()
    with transaction.atomic(), _checked_by_the_database_alone():
        if not force:
            _check_nobody_elses()
        loaded.organisations = load_organisations(cast)
        loaded.passwords = load_people(cast, passwords)
        loaded.directory = load_directory(cast)
        for row in past_rounds():
            _load_items(cast, loaded, before=row["starts_in_days"])
            _count_the_tables()
            loaded.rounds += load_round(row, cast)
        _load_items(cast, loaded, before=TOMORROW)
        for row in rows("rounds"):
            loaded.rounds += load_round(row, cast)
        if loaded.achievements or loaded.demands or loaded.rounds:
            _count_the_tables()
            hold_past_days(cast)
            ask_brokers(cast)
            answer_sides(cast)
            settle_achievements(cast)
            settle_demands(cast)
            load_guests(cast)
            follow_past_talks(cast)
        loaded.mechanism = load_mechanism(cast)
        want_meetings(cast)
        loaded.deals = load_deals(cast)
        loaded.contracts = load_contracts(cast)
        loaded.honours = load_honours(cast)
    if logins_file:
        write_logins(logins_file, address, logins(cast, passwords))
    return loaded


@contextmanager
def _checked_by_the_database_alone():
    """Before a row is written Django asks the database about each of its constraints and references, so that a person
    reads all that is wrong at once; on writing the database checks them anyway. Nobody reads here, and the asking would
    take a third of the time. Nor is any step of a load that is all or nothing undone by itself: no savepoints.
    """

    def says_nothing(*_args, **_kwargs):
        return None

    asking = {
        (Model, "validate_unique"): says_nothing,
        (Model, "validate_constraints"): says_nothing,
        (ForeignKey, "validate"): Field.validate,
    }
    before = {(owner, name): getattr(owner, name) for owner, name in asking}
    for (owner, name), quiet in asking.items():
        setattr(owner, name, quiet)
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = True
        for (owner, name), asks in before.items():
            setattr(owner, name, asks)


def _load_items(cast: Cast, loaded: Loaded, *, before: int) -> None:
    loaded.achievements += load_achievements(cast, before=before)
    loaded.demands += load_demands(cast, before=before)


def _count_the_tables() -> None:
    """PostgreSQL would plan as if the tables filled in this transaction were empty: joins took half a second each."""
    names = [model._meta.db_table for model in (Achievement, Demand, Match, Organisation, Contact, User, Broker)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(names)}")


def _check_nobody_elses() -> None:
    city = next(row["name"] for row in rows("authorities") if row["kind"] == "city")
    if Organisation.objects.filter(name=city).exists():
        return
    if User.objects.exists() or Organisation.objects.exists():
        raise DemoRefused(
            _("这个数据库里已有别人的用户或单位，没有载入演示数据。请换一个空数据库；确要混在一起，请加 --force。")
        )
