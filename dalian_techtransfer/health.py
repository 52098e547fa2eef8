"""/healthz: separate checks of database, broker and worker.

The worker check reads the age of a row that a scheduled task writes. A ping would not do: a worker can answer pings
without taking tasks. The row is recent only if scheduler, broker, worker and database all work.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Literal

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from matching.models import WorkerPulse

TIMEOUT = 1.7
"""Seconds after which an unfinished check counts as failed, so that the response takes less than two seconds."""
MAX_PULSE_AGE = timedelta(seconds=60)
"""The row is written every 15 seconds."""

# The checks run in threads with connections of their own, because the connection of the request may hang and cannot be
# waited for with a time limit. The pool is small, so that a hanging database does not accumulate threads.
_checks = ThreadPoolExecutor(max_workers=4, thread_name_prefix="healthz")


@transaction.non_atomic_requests
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """`{"database": {"ok", "detail"}, "broker": …, "worker": …}`; status 200 if all are ok, else 503.

    Public, so the details contain no internal data.
    """
    checks = {"database": _checks.submit(check_database), "broker": _checks.submit(check_broker)}
    done, _ = wait(checks.values(), timeout=TIMEOUT)
    results = {name: check.result() if check in done else False for name, check in checks.items()}
    pulse = results["database"]
    report = {
        "database": _state(pulse is not False, "正常", "无法连接"),
        "broker": _state(results["broker"], "正常", "无法连接"),
        "worker": _worker_state(pulse),
    }
    return JsonResponse(
        report,
        status=200 if all(state["ok"] for state in report.values()) else 503,
        json_dumps_params={"ensure_ascii": False},
    )


def check_database() -> datetime | Literal[False] | None:
    """The time of the worker's last pulse: None if there is none, False if the database is unavailable."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # LOCAL: behind a pooler the connection of the server is another client's afterwards.
            cursor.execute("SET LOCAL statement_timeout = %s", [int(TIMEOUT * 1000)])
            return WorkerPulse.objects.order_by("-beaten_at").values_list("beaten_at", flat=True).first()
    except DatabaseError:
        return False
    finally:
        connection.close()  # of this thread


def check_broker() -> bool:
    """Whether the broker responds to a ping."""
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=None
        ) as broker:
            return broker.ping()
    except redis.RedisError:
        return False


def _worker_state(pulse: datetime | Literal[False] | None) -> dict:
    if not pulse:
        return _state(False, "", "未知" if pulse is False else "尚未运行")
    age = timezone.now() - pulse
    return _state(age < MAX_PULSE_AGE, "正常", f"{int(age.total_seconds())} 秒没有响应")


def _state(ok: bool, good: str, bad: str) -> dict:
    return {"ok": ok, "detail": good if ok else bad}
