"""/healthz: is the product able to work, asked of its three legs separately.

The worker is judged by the age of a canary row that a scheduled task writes, not by a ping: a worker can be connected
and answer, yet take no work; and a row only gets young when scheduler, broker, worker and database all do their part.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from matching.models import WorkerPulse

DEADLINE = 1.7
"""Seconds after which an unfinished check counts as failed, so that the answer comes within two."""
YOUNG = timedelta(seconds=60)
"""Age up to which the canary row vouches for the worker; it is written every 15 seconds."""

# The checks run beside the request, whose own connection may be the broken one and could not be waited for with a
# limit. Few threads: a database that hangs must not collect them, however often a monitor asks.
_checks = ThreadPoolExecutor(max_workers=4, thread_name_prefix="healthz")


@transaction.non_atomic_requests
@never_cache
@require_safe
def healthz(request):
    """`{"database": {"ok", "detail"}, "broker": …, "worker": …}`, 200 when all are ok, else 503. No login is needed
    and nothing is told that a stranger could use."""
    asked = {"database": _checks.submit(check_database), "broker": _checks.submit(check_broker)}
    done, _ = wait(asked.values(), timeout=DEADLINE)
    answers = {name: check.result() if check in done else False for name, check in asked.items()}
    pulse = answers["database"]
    report = {
        "database": _leg(pulse is not False, "正常", "无法连接"),
        "broker": _leg(answers["broker"], "正常", "无法连接"),
        "worker": _worker(pulse),
    }
    return JsonResponse(
        report,
        status=200 if all(leg["ok"] for leg in report.values()) else 503,
        json_dumps_params={"ensure_ascii": False},
    )


def check_database():
    """When the worker last gave a sign of life: None if never, False if the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", [int(DEADLINE * 1000)])
        return WorkerPulse.objects.order_by("-beaten_at").values_list("beaten_at", flat=True).first()
    except DatabaseError:
        return False
    finally:
        connection.close()  # this thread's own


def check_broker() -> bool:
    """Whether the broker answers a ping."""
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=DEADLINE, socket_timeout=DEADLINE, retry=None
        ) as broker:
            return broker.ping()
    except redis.RedisError:
        return False


def _worker(pulse) -> dict:
    if not pulse:
        return _leg(False, "", "未知" if pulse is False else "尚未运行")
    age = timezone.now() - pulse
    return _leg(age < YOUNG, "正常", f"{int(age.total_seconds())} 秒没有响应")


def _leg(ok: bool, good: str, bad: str) -> dict:
    return {"ok": ok, "detail": good if ok else bad}
