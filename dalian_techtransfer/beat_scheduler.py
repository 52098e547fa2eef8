"""Celery's scheduler, which also goes on when the clock is set back."""

import logging
from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

log = logging.getLogger(__name__)
TOLERANCE = timedelta(seconds=5)


class SteadyScheduler(PersistentScheduler):
    """Celery computes the next run from the time of the last one. Set back by an hour, it would send nothing for one.

    Entries whose last run is in the future are counted from now on.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now + TOLERANCE]
        if ahead:
            log.warning("the clock was set back: %s periodic tasks are counted from now on", len(ahead))
            for entry in ahead:
                entry.last_run_at = now
            self._heap = None
        return super().tick(*args, **kwargs)
