"""An installation of its own for a drill: engines, tables, invented rows, web and worker processes; then removed."""

import dataclasses
import os
import secrets
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit

from launcher import engines
from launcher.paths import DATA
from launcher.supervisor import ProcessSpec, Supervisor


def wait_for(condition: Callable[[], object], what: str, seconds: float = 600) -> float:
    """Wait; returns the seconds it took. TimeoutError names what did not happen."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} seconds: {what}")
        time.sleep(0.2)
    return time.monotonic() - began


class Installation:
    def __init__(self, folder: Path, layout: engines.EngineLayout, supervisor: Supervisor) -> None:
        self.folder, self.layout, self.supervisor = folder, layout, supervisor
        urls = engines.start(supervisor, layout, folder)
        self.database_url, self.redis_url = urls["DATABASE_URL"], urls["REDIS_URL"]
        self.environment = urls | {
            "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "LOG_LEVEL": "INFO",
            "DEBUG": "True",  # static files need not be collected
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_COOKIES": "False",
            "MFA_REQUIRED_ROLES": "",
            "MEDIA_ROOT": str(folder / "media"),
        }

    def database_at(self, port: int, host: str = "127.0.0.1") -> str:
        return _moved(self.database_url, host, port)

    def redis_at(self, host: str) -> str:
        return _moved(self.redis_url, host, urlsplit(self.redis_url).port or 6379)

    def restart_postgres(self, *options: str) -> None:
        """With more options of the server, each as name=value."""
        spec = self.supervisor.running["postgres"].spec
        added = [word for option in options for word in ("-c", option)]
        self.supervisor.stop("postgres")
        self.supervisor.start(dataclasses.replace(spec, command=(*spec.command, *added)))
        wait_for(self.answers, "PostgreSQL answers")

    def answers(self) -> bool:
        import psycopg2

        try:
            psycopg2.connect(self.database_url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def prepare(self, achievements: int, demands: int) -> None:
        """Tables and rows; afterwards Django is set up in this process too, on the server itself."""
        self.run("-m", "launcher.prepare", "database")
        os.environ |= self.environment
        import django

        django.setup()
        from benchmarks.registry import fill_achievements, fill_demands

        fill_achievements(achievements)
        fill_demands(demands)

    def run(self, *arguments: str, **environment: str) -> None:
        self.supervisor.run_to_end(
            ProcessSpec("command", " ".join(arguments), (sys.executable, *arguments), self.environment | environment)
        )

    def start_web(self, **environment: str) -> str:
        """Two processes; returns the address."""
        port = engines.free_port()
        command = (sys.executable, "-m", "gunicorn", "-c", "python:dalian_techtransfer.web_workers", "-w", "2")
        command += ("--threads", "4", "--preload", "--timeout", "600", "-b", f"127.0.0.1:{port}")
        command += ("--no-control-socket", "dalian_techtransfer.wsgi")
        self.supervisor.start(ProcessSpec("web", "web", command, self.environment | environment))
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: status(address + "/help/") == 200, "the site answers")
        return address

    def start_worker(self, name: str, *before: str, **environment: str) -> None:
        command = (*before, sys.executable, "-m", "celery", "-A", "dalian_techtransfer", "worker", "-c", "1")
        command += ("-n", f"{name}@drill", "--without-gossip", "--without-mingle", "-l", "INFO")
        self.supervisor.start(ProcessSpec(name, name, command, self.environment | environment))

    def start_beat(self, **environment: str) -> None:
        command = (sys.executable, "-m", "celery", "-A", "dalian_techtransfer", "beat", "--pidfile=")
        command += ("--schedule", str(self.folder / "beat"))
        self.supervisor.start(ProcessSpec("beat", "beat", command, self.environment | environment))


def _moved(url: str, host: str, port: int) -> str:
    parts = urlsplit(url)
    user, _at, _place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}@{host}:{port}"))


def status(address: str, timeout: float = 60) -> int:
    """0 without an answer."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=timeout) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


@contextmanager
def installation() -> Iterator[Installation]:
    DATA.mkdir(exist_ok=True)
    DATA.chmod(0o711)
    layout = engines.engine_layout(DATA)
    folder = layout.folder / f"drill-{os.getpid()}"
    folder.mkdir()
    supervisor = Supervisor(folder / "logs", remove=(folder,))
    try:
        yield Installation(folder, layout, supervisor)
    finally:
        supervisor.ignore_signals()
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)
