"""Settings of gunicorn: `gunicorn -c python:dalian_techtransfer.web_workers dalian_techtransfer.wsgi`.

Each new process builds its indexes in the background, so that its first visitor does not wait for them.
"""

import logging
import os
import threading
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

log = logging.getLogger(__name__)


class ServerLog(Logger):
    """gunicorn's own lines in the format of LOG_FORMAT."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        from django.conf import settings

        from core.log_format import FORMATTERS

        for handler in self.error_log.handlers:
            handler.setFormatter(FORMATTERS[settings.LOG_FORMAT]())


logger_class = ServerLog


def on_starting(server: Arbiter) -> None:
    """Called by gunicorn once, before the first process is forked.

    The files of processes that are no more belong to an earlier start.
    """
    from django.conf import settings

    from portal.public_copies.shared import SHARED

    SHARED.open()
    if server.cfg.preload_app:
        load_what_pages_share()
    for file in Path(settings.METRICS_FOLDER).glob("*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not _is_alive(int(pid)):
            file.unlink(missing_ok=True)


def load_what_pages_share() -> None:
    """Load what each process would load for itself with the first page that needs it."""
    from django.utils.timezone import localdate

    import sheets.workbooks  # noqa: F401  # imports openpyxl
    from core.workdays import is_workday
    from matching.before_fork import load_engine

    load_engine()
    is_workday(localdate())


def on_exit(server: Arbiter) -> None:
    """Called by gunicorn once, after the last process has ended."""
    from portal.public_copies.shared import SHARED

    SHARED.close()


def child_exit(server: object, worker: Worker) -> None:
    """Called by gunicorn when a process has ended: its counts stay in the sums, its memory does not."""
    from django.conf import settings

    if settings.METRICS_TOKEN or settings.METRICS_ADDRESSES:
        # Not at the top: this module decides at its first import, by what the settings say, whether counts go to files.
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid, settings.METRICS_FOLDER)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def post_worker_init(worker: object) -> None:
    """Called by gunicorn in each new process, after the application is loaded."""
    threading.Thread(target=build_indexes, daemon=True, name="indexes").start()


def build_indexes() -> None:
    """Build what searches and questions need. A failure is logged; the first request tries again."""
    from django.db import connection

    from matching.registry_indexes import MATCHING_INDEX
    from portal.search.index import SEARCH_INDEX

    try:
        MATCHING_INDEX.current()
        SEARCH_INDEX.current()
    except Exception:
        log.exception("the indexes could not be built at the start")
    finally:
        connection.close()
