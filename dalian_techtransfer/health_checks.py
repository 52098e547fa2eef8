"""What /healthz reports, leg by leg. Public, so the details contain no internal data."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from backups.manifest import RECOVERY_STAMP, STAMP
from core.database_clock import database_now
from dalian_techtransfer.waiting_work import LONGEST, oldest_waiting
from matching.models import MatchRun, WorkerPulse

TIMEOUT = 1.7
"""Seconds after which an unfinished check counts as failed, so that the response takes less than two seconds."""
MAX_PULSE_AGE = {"worker": timedelta(seconds=60), "batch": timedelta(minutes=17)}
"""Name of a pulse → its greatest age. That of `worker` is sent every 15 seconds into a queue without long tasks, that
of `batch` every minute into the queue of the chunks, each of which may take as long as the time limit of a task."""
QUEUE_NAMES = {"interactive": "页面上等着的任务", "mail": "邮件和短信", "batch": "批量匹配"}


@dataclass(frozen=True)
class Leg:
    ok: bool
    detail: str

    def as_json(self) -> dict[str, bool | str]:
        return {"ok": self.ok, "detail": self.detail}


UNKNOWN = Leg(False, "未知")
NO_DATABASE = {"database": Leg(False, "无法连接")} | dict.fromkeys(("worker", "batch", "queues", "runs"), UNKNOWN)
NO_BROKER = {"broker": Leg(False, "无法连接")}
NO_FILES = {"media": Leg(False, "没有响应"), "disk": UNKNOWN, "backup": UNKNOWN}


def check_database() -> dict[str, Leg]:
    """The database, and what its rows say of workers, queues and runs."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # LOCAL: behind a pooler the session is another client's afterwards.
                cursor.execute("SET LOCAL statement_timeout = %s", [int(TIMEOUT * 1000)])
            now = database_now()
            pulses = dict(WorkerPulse.objects.values_list("name", "beaten_at"))
            return {
                "database": Leg(True, "正常"),
                "worker": _pulse(now, pulses.get("worker"), MAX_PULSE_AGE["worker"]),
                "batch": _pulse(now, pulses.get("batch"), MAX_PULSE_AGE["batch"]),
                "queues": _queues(oldest_waiting()),
                "runs": _runs(MatchRun.objects.failed().count()),
            }
    except DatabaseError:
        return NO_DATABASE
    finally:
        connection.close()  # of this thread


def check_connection() -> bool:
    """Whether the database answers."""
    try:
        database_now()
    except DatabaseError:
        return False
    finally:
        connection.close()
    return True


def check_broker() -> dict[str, Leg]:
    """Whether the broker answers a ping."""
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=None
        ) as broker:
            return {"broker": Leg(True, "正常")} if broker.ping() else NO_BROKER
    except redis.RedisError:
        return NO_BROKER


def check_files() -> dict[str, Leg]:
    """The folder of the uploads, its disk, and the stamp of the last proven backup."""
    return {"media": _media(), "disk": _disk(), "backup": _backup()}


def _pulse(now: datetime, beaten_at: datetime | None, longest: timedelta) -> Leg:
    if beaten_at is None:
        return Leg(False, "尚未运行")
    age = now - beaten_at
    if age < timedelta(0):
        return Leg(False, "时间在将来，数据库的时钟被往回拨过")
    return Leg(True, "正常") if age < longest else Leg(False, f"{int(age.total_seconds())} 秒没有响应")


def _queues(ages: dict[str, timedelta]) -> Leg:
    late = [
        f"{QUEUE_NAMES[queue]}已等 {int(age.total_seconds() // 60)} 分钟"
        for queue, age in ages.items()
        if age > LONGEST[queue]
    ]
    return Leg(not late, "；".join(late) or "正常")


def _runs(failed: int) -> Leg:
    return Leg(False, f"{failed} 个匹配批次失败，等市级专员重试") if failed else Leg(True, "正常")


def _media() -> Leg:
    try:
        folder = Path(settings.MEDIA_ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:  # it has no name that could stay behind
            file.write(b"0" * 4096)
            file.flush()
    except OSError:
        return Leg(False, "不能写入")
    return Leg(True, "正常")


def _disk() -> Leg:
    try:
        free = shutil.disk_usage(settings.MEDIA_ROOT).free // 2**20
    except OSError:
        return UNKNOWN
    if free < settings.DISK_FREE_MB:
        return Leg(False, f"只剩 {free} MB，低于 {settings.DISK_FREE_MB} MB")
    return Leg(True, "正常")


def _backup() -> Leg:
    """The last backup that was restored and used, and, with pgBackRest, the last recovery to a moment."""
    if not settings.BACKUP_FOLDER:
        return Leg(True, "未配置")
    backup = _rehearsed(STAMP, "taken_at", settings.BACKUP_MAX_HOURS, "备份")
    if not (backup.ok and settings.PGBACKREST_STANZA):
        return backup
    return _rehearsed(RECOVERY_STAMP, "proven_at", settings.RECOVERY_MAX_HOURS, "时刻恢复")


def _rehearsed(stamp: str, key: str, max_hours: int, what: str) -> Leg:
    try:
        times = json.loads((Path(settings.BACKUP_FOLDER) / stamp).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(times[key])
        datetime.fromisoformat(times["proven_at"])
    except FileNotFoundError:
        return Leg(False, f"还没有验证过的{what}")
    except (OSError, ValueError, KeyError, TypeError):
        return Leg(False, f"{what}的记录读不出")
    age = datetime.now(UTC) - (at if at.tzinfo else at.astimezone())
    hours = int(age.total_seconds() // 3600)
    is_recent = timedelta(0) <= age + timedelta(minutes=5) and hours < max_hours
    return Leg(True, "正常") if is_recent else Leg(False, f"最近一份验证过的{what}是 {hours} 小时前的")
