"""Totals that were counted before, as long as no row that they were counted from has changed.

A database trigger of each source table records the transaction that writes to it (`mechanism_sourcechange`). Totals are
kept with the snapshot in which they were counted. They are used only if every recorded transaction of their sources
that the reader sees was in that snapshot: the writer's commit is what makes them stale, so that no reader can see a
changed row beside an old total. Of contracts it is recorded which days of registration a change can touch, so that
totals of other years stay (`mechanism/migrations/0004_recoveries.py`). A transaction that has written something itself
neither uses totals of what it changed nor keeps any. No lock is taken, and no writer waits for another.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

from deals.models.figure_effect import is_assuming
from mechanism.kpi.aggregation import AggregatedTotals
from mechanism.kpi.totals import PartTotals, Totals

log = logging.getLogger(__name__)
KEPT_FOR = timedelta(hours=12)
RECORDED_FOR = timedelta(days=2)
"""How long the transactions are recorded: longer than `KEPT_FOR` and the longest transaction together."""
ORIGIN = (
    "(SELECT oid FROM pg_database WHERE datname = current_database())::text"
    " || '.' || 'mechanism_sourcechange'::regclass::oid::text"
)
"""Which database the totals were counted in: a restored copy begins anew."""
READ = f"""
WITH state AS (
    SELECT pg_current_snapshot() AS snapshot, pg_current_xact_id_if_assigned() IS NULL AS has_not_written,
        {ORIGIN} AS origin
)
SELECT state.snapshot::text, state.has_not_written, kept.key, kept.content::text
FROM state LEFT JOIN mechanism_kepttotals AS kept ON kept.key = ANY(%s) AND kept.origin = state.origin
    AND kept.kept_at > %s
    AND pg_snapshot_xmax(kept.snapshot) <= pg_snapshot_xmax(state.snapshot)
    AND NOT EXISTS (
        SELECT FROM mechanism_sourcechange AS change
        WHERE change.source = ANY(kept.sources) AND change.xid >= pg_snapshot_xmin(kept.snapshot)
            AND NOT pg_visible_in_snapshot(change.xid, kept.snapshot)
            AND (change.span && kept.span) IS NOT FALSE
    )
"""  # noqa: S608  # nothing of it comes from outside
KEEP = f"""
INSERT INTO mechanism_kepttotals (key, origin, snapshot, sources, span, content)
SELECT key, {ORIGIN}, %s::pg_snapshot, string_to_array(sources, ',')::name[], span::daterange, content::jsonb
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS counted (key, sources, span, content)
ON CONFLICT (key) DO UPDATE SET (origin, snapshot, sources, span, content, kept_at) =
    (excluded.origin, excluded.snapshot, excluded.sources, excluded.span, excluded.content, excluded.kept_at)
"""  # noqa: S608
EACH_STATEMENT = 4 | 8 | 16 | 32
"""INSERT, DELETE, UPDATE and TRUNCATE in `pg_trigger.tgtype`."""
NAME = re.compile(r'"(\w+)"')
MOMENT = re.compile(r"\b(?:NOW|RANDOM|\w*_TIMESTAMP|CURRENT_\w+|LOCALTIME\w*)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A statement by which totals are counted. `is_repeatable`: it gives the same totals until a source changes."""

    sql: str
    params: tuple

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(NAME.findall(self.sql)) & _all_tables()

    @property
    def is_repeatable(self) -> bool:
        """Days are part of the key, moments are not: a statement about now is counted each time."""
        return self.sources <= watched_tables() and not self.names_a_moment

    @property
    def names_a_moment(self) -> bool:
        says_now = MOMENT.search(self.sql) and MOMENT.search(NAME.sub("", self.sql))  # most say it nowhere
        return bool(says_now) or any(map(_is_moment, self.params))


def _is_moment(param: Any) -> bool:
    return isinstance(param, datetime) and timezone.localtime(param).time() not in (time.min, time.max)


@cache
def _all_tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


@dataclass(frozen=True)
class Dependence:
    """On what totals depend: rows of these tables; `days`: only on contracts registered from the first to the second
    day and, within a deal, on earlier ones. None: on all rows."""

    sources: frozenset[str]
    days: tuple[date, date] | None = None

    @property
    def span(self) -> str | None:
        return self.days and f"[{self.days[0]:%Y-%m-%d},{self.days[1]:%Y-%m-%d}]"


@dataclass
class KeptTotals:
    """What is kept of these keys. `snapshot` is empty if nothing may be kept now."""

    totals: dict[str, AggregatedTotals]
    snapshot: str = ""

    @classmethod
    def read(cls, keys: Iterable[str]) -> "KeptTotals":
        """One query; read before the rest is counted, so that a change in between makes that rest stale."""
        keys = sorted(set(keys))
        if not keys or is_assuming():
            return cls({})
        with connection.cursor() as cursor:
            cursor.execute(READ, (keys, timezone.now() - KEPT_FOR))
            rows = cursor.fetchall()
        snapshot, has_not_written = rows[0][:2]
        may_keep = has_not_written and not connection.in_atomic_block
        totals = {key: _decoded(json.loads(content)) for _snapshot, _clean, key, content in rows if key}
        return cls(totals, snapshot if may_keep else "")

    def keep(self, counted: Mapping[str, tuple[AggregatedTotals, Dependence]]) -> None:
        """Keep {key: (totals, on what they depend)} that were counted after `read`."""
        if not self.snapshot or not counted:
            return
        keys = sorted(counted)  # one order for all, so that two readers do not wait for each other
        sources = [",".join(sorted(counted[key][1].sources)) for key in keys]
        spans = [counted[key][1].span for key in keys]
        contents = [json.dumps(_encoded(counted[key][0]), ensure_ascii=False) for key in keys]
        try:
            with connection.cursor() as cursor:
                cursor.execute(KEEP, (self.snapshot, keys, sources, spans, contents))
        except DatabaseError:  # a database that cannot be written to still shows its figures
            log.warning("totals of figures are not kept", exc_info=True)


def key_of(*facts: object) -> str:
    """The same facts on the same day give the same key."""
    return sha256(repr((timezone.localdate(), *facts)).encode()).hexdigest()


_watched: dict[str, frozenset[str]] = {}


def watched_tables() -> frozenset[str]:
    """The tables whose changes a trigger records. Totals of other tables are never kept. Read once per process."""
    name = connection.settings_dict["NAME"]
    if name not in _watched:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE starts_with(tgname::text, 'figure_source_') AND tgenabled IN ('O', 'A')"
                " GROUP BY tgrelid HAVING bit_or(tgtype) & %s = %s",
                (EACH_STATEMENT, EACH_STATEMENT),
            )
            _watched[name] = frozenset(table for (table,) in cursor.fetchall())
    return _watched[name]


def forget_old() -> None:
    """Remove what is no longer used, each night."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mechanism_kepttotals WHERE kept_at <= %s", (now - KEPT_FOR,))
        cursor.execute("DELETE FROM mechanism_sourcechange WHERE changed_at <= %s", (now - RECORDED_FOR,))


# --- As JSON ---------------------------------------------------------------------------------------------------------
def _encoded(totals: AggregatedTotals) -> dict:
    return {
        "totals": [
            [_encoded_key(value), _encoded_totals(counted)] for value, counted in totals.totals_by_value.items()
        ],
        "gaps": list(totals.gaps),
        "latest_on": totals.latest_on and totals.latest_on.isoformat(),
    }


def _decoded(stored: dict) -> AggregatedTotals:
    return AggregatedTotals(
        {value: _decoded_totals(counted) for value, counted in stored["totals"]},
        tuple(stored["gaps"]),
        date.fromisoformat(stored["latest_on"]) if stored["latest_on"] else None,
    )


def _encoded_key(value: object) -> int | str | None:
    """Values of a split: keys of rows, texts, conditions, numbers of months or years, first days of months."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, int | str):
        return value
    raise TypeError(f"a split by {type(value).__name__} cannot be kept")


def _encoded_totals(totals: Totals) -> list:
    parts = {key: [part.rows, str(part.total)] for key, part in totals.parts.items()}
    return [totals.rows, str(totals.total), totals.part_rows, str(totals.part), parts]


def _decoded_totals(stored: list) -> Totals:
    rows, total, part_rows, part, parts = stored
    counted = {key: PartTotals(number, Decimal(amount)) for key, (number, amount) in parts.items()}
    return Totals(rows, Decimal(total), part_rows, Decimal(part), counted)
