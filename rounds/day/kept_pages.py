"""Which pages of the day a browser may keep, for how long, and what it needs for it (`core.kept_pages`)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from rounds.models import DockingRound
from rounds.services.check_in import EVENT_DAY_STATUSES

WORKER = settings.BASE_DIR / "static" / "js" / "event_day" / "worker.js"
KEPT_FOR, KEPT_AFTER_END = timedelta(hours=16), timedelta(hours=4)


def keep_until(docking_round: DockingRound) -> datetime | None:
    """Until when a device may work with the page it has: a working day, and not long after the end of the round."""
    if docking_round.status not in EVENT_DAY_STATUSES:
        return None
    until = min(timezone.now() + KEPT_FOR, docking_round.ends_at + KEPT_AFTER_END)
    return until if until > timezone.now() else None


def keeping_settings(
    until: datetime | None, worker: str, desk: str = "", files: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `kept_page.js` needs. `worker`: its address, below that of the page; `desk`: the mark of the sign-in."""
    return {
        "desk": desk,
        "made": int(timezone.now().timestamp() * 1000),
        "keepUntil": int(until.timestamp() * 1000) if until else 0,
        "worker": worker,
        "files": files,
    }


def worker_script() -> HttpResponse:
    """The service worker. From the address of the answer its scope is the page above."""
    return HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript")
