"""Which demands of which runs wait for the second reader."""

from collections.abc import Iterable

from core.task_queue import enqueue
from matching.models import DemandReading, MatchRun, RunReading
from matching.reader import prompt
from matching.readings.configuration import configured_reader


def start_reading(run: MatchRun) -> RunReading | None:
    """Let the configured reader read the candidates of a new run. None if none is configured."""
    reader = configured_reader()
    if reader is None:
        return None
    return RunReading.objects.create(
        run=run,
        model=reader.model,
        prompt=prompt.version(),
        max_requests=reader.max_requests,
        max_minutes=reader.max_minutes,
    )


def queue_demands(run: MatchRun, demand_ids: Iterable[int]) -> bool:
    """Queue the demands of a chunk for reading, in the caller's transaction. False if nobody reads in this run."""
    if not RunReading.objects.filter(run=run).exists():
        return False
    DemandReading.objects.bulk_create(DemandReading(run=run, demand_id=demand_id) for demand_id in demand_ids)
    return True


def send_reading() -> bool:
    """Send the task that reads, if anything waits. It is no error if the broker is down: the sweeper sends it again."""
    return DemandReading.objects.waiting().exists() and enqueue("matching.tasks.read_candidates")
