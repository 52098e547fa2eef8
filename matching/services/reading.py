"""Let the second reader read what waits, and write the proposals of each demand that is read or given up."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from achievements.models import Achievement
from core.session_connection import session_connection
from matching.candidate_policy import CandidatePolicy
from matching.candidates import Candidate
from matching.models import DemandReading, MatchRun, PairReading, RunReading
from matching.proposals import propose
from matching.reader import prompt
from matching.reader.answers import PairAnswer
from matching.reader.asking import Asker
from matching.reader.limits import Allowance, Breaker, Stop
from matching.reader.questions import Text
from matching.reader.reading import NeedReading, NeedToRead, Reader
from matching.readings.answer_store import StoredAnswers
from matching.readings.configuration import configured_reader
from matching.readings.levels import grade_probabilities
from matching.readings.policy import CandidateCollector, ReaderPolicy
from matching.readings.texts import DemandTexts
from matching.services.proposals import write_proposals
from matching.services.reading_queue import send_reading
from matching.services.runs import finish_run

log = logging.getLogger(__name__)

SLICE_SECONDS = 30.0
"""After this time a task ends and sends the next one, so that other tasks get their turn."""
BATCH = 8
"""Demands that are read together."""
GIVEN_UP_BATCH = 40
FRUITLESS_SLICES = 2
"""After this many tasks in a row without an answer that counts, the reader is given up."""
READER_LOCK = 0x0D17_2EAD
"""Advisory lock: one task of the installation reads at a time, so that `READER_CONCURRENCY` holds for all workers."""


def read_waiting(seconds: float = SLICE_SECONDS) -> int:
    """Read for some time; returns the number of demands finished. Does nothing while another task reads."""
    finished, runs = 0, set()
    with _only_one() as is_mine:
        if not is_mine:
            return 0
        until = time.monotonic() + seconds
        while waiting := DemandReading.objects.waiting().select_related("run__reading").first():
            runs.add(waiting.run_id)
            number = _RunReader(waiting.run, until).read()
            finished += number
            if not number or time.monotonic() >= until:
                break
    for run in runs:
        finish_run(run)
    send_reading()
    return finished


@contextmanager
def _only_one() -> Iterator[bool]:
    connection = session_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [READER_LOCK])
        is_mine = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [READER_LOCK])


class _RunReader:
    """The reader in one run, for one task."""

    def __init__(self, run: MatchRun, until: float) -> None:
        self.run, self.until = run, until
        RunReading.objects.filter(run=run, started_at=None).update(started_at=timezone.now())
        self.reading = RunReading.objects.get(run=run)
        self.probabilities = grade_probabilities(self.reading.model)
        self.reader: Reader | None = None
        configured = configured_reader()
        if configured is None or configured.model != self.reading.model:
            self._stop(RunReading.Stop.UNCONFIGURED)
            return
        now, deadline = timezone.now(), self.reading.deadline or timezone.now()
        allowance = Allowance(
            0 if self.reading.stopped else self.reading.max_requests - self.reading.requests,
            deadline=time.monotonic() + (deadline - now).total_seconds(),
            pause_at=until,
        )
        self.asker = Asker(configured.client, allowance, concurrency=configured.concurrency, breaker=new_breaker())
        self.reader = Reader(self.asker, self.reading.model, StoredAnswers(self.reading.model))

    def read(self) -> int:
        """Read batches until the time is over or nothing waits; returns the number of demands finished."""
        finished = 0
        while True:
            size = GIVEN_UP_BATCH if self.reading.stopped else BATCH
            waiting = DemandReading.objects.waiting().filter(run=self.run)
            demand_ids = list(waiting.values_list("demand", flat=True)[:size])
            if not demand_ids:
                break
            readings = self._ask(demand_ids, self.reader) if self.reader else {}
            number = self._write(demand_ids, readings)
            finished += number
            if not number or time.monotonic() >= self.until:
                break
        return finished

    def _ask(self, demand_ids: Sequence[int], reader: Reader) -> dict[int, NeedReading]:
        """Return what the reader says, stored answers too if nothing more may be asked."""
        collector = CandidateCollector()
        propose(self.run, demand_ids, policy=collector)
        needs = _needs(collector.candidates)
        before, graded = _counted(reader), reader.totals.graded
        try:
            readings = reader.read(needs)
        except DatabaseError:
            raise
        except Exception:  # whatever of a foreign server was not foreseen: the run ends
            log.exception("run %s: the second reader failed", self.run.pk)
            self._stop(RunReading.Stop.BROKEN)
            self.reader = None
            return {}
        added = {name: value - before[name] for name, value in _counted(reader).items()}
        self._count(added, is_fruitful=reader.totals.graded > graded)
        is_complete = all(reading.is_complete for reading in readings.values())
        if not is_complete and self.asker.stop not in (None, Stop.PAUSED):
            self._stop(self.asker.stop.value)
        elif self.reading.fruitless >= FRUITLESS_SLICES:
            self._stop(RunReading.Stop.BROKEN)
        return {int(name): reading for name, reading in readings.items()}

    def _count(self, added: Mapping[str, int], *, is_fruitful: bool) -> None:
        changes: dict[str, Any] = {name: F(name) + value for name, value in added.items()}
        if is_fruitful:
            changes["fruitless"] = 0
        elif added["requests"] and self.asker.stop == Stop.PAUSED:
            changes["fruitless"] = F("fruitless") + 1
        RunReading.objects.filter(pk=self.reading.pk).update(**changes)
        self.reading.refresh_from_db()

    def _write(self, demand_ids: Sequence[int], readings: Mapping[int, NeedReading]) -> int:
        """Write the proposals of all demands but those that the next task continues; returns their number."""
        reasons = {demand_id: self._reason(readings.get(demand_id)) for demand_id in demand_ids}
        over = [demand_id for demand_id in demand_ids if reasons[demand_id] is not None]
        answers = {
            demand_id: {int(name): answer for name, answer in reading.answers.items()}
            for demand_id, reading in readings.items()
        }
        with transaction.atomic():
            unlocked = DemandReading.objects.select_for_update(skip_locked=True)
            rows = list(unlocked.filter(run=self.run, demand__in=over, finished_at=None))
            ids = [row.demand_id for row in rows]
            policy = ReaderPolicy(CandidatePolicy.of_run(self.run), answers, self.probabilities)
            write_proposals(propose(self.run, ids, policy=policy))
            PairReading.objects.bulk_create(
                self._pair_rows({demand_id: answers.get(demand_id, {}) for demand_id in ids}), ignore_conflicts=True
            )
            for row in rows:
                row.reason = reasons[row.demand_id] or ""
                row.outcome = DemandReading.Outcome.ENGINE if row.reason else DemandReading.Outcome.READ
                row.finished_at = timezone.now()
            DemandReading.objects.bulk_update(rows, ["reason", "outcome", "finished_at"])
        return len(rows)

    def _reason(self, reading: NeedReading | None) -> str | None:
        """Return "" if a demand is read, the reason why it is given up, or None if the next task continues it."""
        if reading is not None and reading.is_complete:
            return ""
        if self.reading.stopped:
            return self.reading.stopped
        if reading is not None and reading.stop == Stop.PAUSED:
            return None
        return DemandReading.Reason.FAULT if reading is not None and reading.fault else DemandReading.Reason.ANSWER

    def _pair_rows(self, answers: Mapping[int, Mapping[int, PairAnswer]]) -> list[PairReading]:
        return [
            PairReading(
                run=self.run,
                demand_id=demand_id,
                achievement_id=achievement_id,
                grade=answer.grade,
                statements=[
                    {"kind": s.kind, "text": s.text, "quotation": s.quotation, "source": s.source}
                    for s in answer.statements
                ],
                void=answer.void,
                model=self.reading.model,
                prompt=prompt.version(),
            )
            for demand_id, of_demand in answers.items()
            for achievement_id, answer in of_demand.items()
        ]

    def _stop(self, why: str) -> None:
        if self.reading.stopped:
            return
        log.warning("run %s: the second reader stops (%s), the engine proposes alone", self.run.pk, why)
        RunReading.objects.filter(pk=self.reading.pk).update(stopped=why)
        self.reading.refresh_from_db()


def _counted(reader: Reader) -> dict[str, int]:
    names = ("requests", "prompt_tokens", "completion_tokens", "statements", "void")
    return {name: getattr(reader.totals, name) for name in names}


def new_breaker() -> Breaker:
    return Breaker(failures=5, cooldown=15.0, openings=3)


def _needs(candidates: Mapping[int, Sequence[Candidate]]) -> list[NeedToRead]:
    ids = {candidate.achievement_id for of_demand in candidates.values() for candidate in of_demand}
    achievements = Achievement.objects.prefetch_related("indicators").in_bulk(ids)
    return [_need(demand_id, of_demand, achievements) for demand_id, of_demand in candidates.items()]


def _need(demand_id: int, matches: Sequence[Candidate], achievements: Mapping[int, Achievement]) -> NeedToRead:
    if not matches:
        return NeedToRead(demand_id, Text("", ""), {})
    texts = DemandTexts(matches[0].demand)
    return NeedToRead(
        demand_id,
        texts.need,
        {
            row.achievement_id: texts.candidate(achievements[row.achievement_id])
            for row in matches
            if row.achievement_id in achievements
        },
    )
