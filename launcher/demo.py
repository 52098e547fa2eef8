"""The commands `demo` and `manage`: the whole product on this machine with demo data."""

from __future__ import annotations

import json
import os
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cities import City, CityError, load_city
from launcher import catalogues, engines, selfcheck
from launcher.console import STARTED, LauncherError, say
from launcher.data_directory import DataDirectory
from launcher.paths import CHECKOUT, DATA, PYTHON
from launcher.supervisor import ProcessSpec, Supervisor

SCHEMA_COMMANDS = {"migrate", "flush", "load_demo_city", "loaddata"}
"""Commands of manage.py after which every database step of `launcher.prepare` runs again."""
DEFAULT_CITY = "dalian"
BACKGROUND = ("worker", "batch", "beat")
"""Processes beside the site. Each creates a file of its name when it is ready."""
START_TIMEOUT = 600.0
"""Seconds until the site, and then the background processes, must be ready. A process that ends is noticed at once; one
that lives may be slow: on a busy machine a start took 158 seconds."""


@dataclass(frozen=True)
class Variant:
    """How a command runs the product: more settings, its processes, and what it does until it is stopped.

    `processes(environment, directory, address)` returns the specifications to start.
    """

    settings: dict[str, str]
    processes: Callable[[dict[str, str], DataDirectory, str], list[ProcessSpec]]
    watch: Callable[[Supervisor], None]
    collects_static: bool = True


def run(
    *,
    data: str | None,
    port: int,
    once: bool,
    reset: bool,
    yes: bool,
    city: str | None = None,
    variant: Variant | None = None,
) -> int:
    """Start the product and keep it running until it is stopped; with `once`, until the self-check. Exit code.

    `city`: path or name of the package of a city; each city has a data directory of its own.
    """
    try:
        package = _city(city)
        directory = DataDirectory(data or _data_of(package))
        directory.acquire()
        if reset:
            _clear(directory, yes=yes)
        directory.claim(package.folder, package.key)
        return _run_locked(directory, variant or DEMO, port=port, once=once, has_data=bool(package.demo_folder))
    except LauncherError as error:
        if not once:
            raise
        say(str(error))
        print(json.dumps({"ok": False, "error": str(error).splitlines()[0]}, ensure_ascii=False))
        return 1


def manage(arguments: list[str]) -> int:
    """Run a command of manage.py with the demo data: in the running demo, or with engines started for it."""
    package = _city(None)
    directory = DataDirectory(_data_of(package))
    if arguments and arguments[0] in SCHEMA_COMMANDS:
        directory.forget_prepared()
    command = (str(PYTHON), str(CHECKOUT / "manage.py"), *arguments)
    running = directory.running_instance()
    if running:
        os.execve(command[0], command, {**os.environ, **running["environment"]})  # noqa: S606
    directory.acquire()
    directory.claim(package.folder, package.key)
    supervisor = Supervisor(directory.logs, lock=directory.lock)
    try:
        environment, _ = _environment(directory, supervisor)
        return supervisor.run_in_foreground(ProcessSpec("manage", "命令", command, environment))
    finally:
        supervisor.close()


def _city(name: str | None) -> City:
    """The package named by the option, by the environment variable CITY, or the one of the product."""
    try:
        return load_city(name or os.environ.get("CITY") or DEFAULT_CITY)
    except CityError as error:
        raise LauncherError(str(error)) from None


def _data_of(city: City) -> Path:
    return DATA if city.key == DEFAULT_CITY else DATA.with_name(f"{DATA.name}-{city.key}")


def _clear(directory: DataDirectory, *, yes: bool) -> None:
    if not yes:
        try:
            answer = input(f"将删除 {directory.data} 中的全部演示数据（数据库、附件、登录名）。确定吗？输入 yes 继续：")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"yes", "y", "是"}:
            raise LauncherError("已取消，什么都没有删除。")
    directory.clear()


def _run_locked(directory: DataDirectory, variant: Variant, *, port: int, once: bool, has_data: bool) -> int:
    supervisor = Supervisor(directory.logs, lock=directory.lock)
    report = None
    try:
        address = f"http://127.0.0.1:{_web_port(directory, port)}"
        environment = _start(directory, supervisor, variant, address)
        logins = _first_login_per_role(json.loads(directory.logins.read_text(encoding="utf-8"))["logins"])
        if once:
            report = {"ready_seconds": round(time.time() - STARTED, 1)}
            manage_command = _manage_runner(supervisor, environment)
            report |= selfcheck.run(address, logins, manage_command, has_data=has_data)
            report = {"ok": True, "seconds": round(time.time() - STARTED, 1), **report}
        else:
            _print_welcome(directory, address, logins)
            variant.watch(supervisor)
    except KeyboardInterrupt:
        say("正在停止……")
    finally:
        _stop(directory, supervisor)
    if once:
        print(json.dumps(report or {"ok": False, "error": "中途被停止"}, ensure_ascii=False))
    return 0 if report or not once else 1


# --- Starting --------------------------------------------------------------------------------------------------------
def _web_port(directory: DataDirectory, wanted: int) -> int:
    try:
        return engines.free_port(wanted) if wanted else directory.choose_port()
    except OSError:
        raise LauncherError(f"端口 {wanted} 已被占用或无权使用，请换一个：--port 8001") from None


def _environment(directory: DataDirectory, supervisor: Supervisor) -> tuple[dict[str, str], str | None]:
    """Start the engines. Returns the environment variables of the settings and the cluster's id.

    With DATABASE_URL and REDIS_URL set, the given servers are used and the id is None.
    """
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    cluster = None
    if len(urls) == 2:
        say("使用环境变量 DATABASE_URL、REDIS_URL 指定的数据库和消息队列。")
    elif urls:
        raise LauncherError(
            "DATABASE_URL 和 REDIS_URL 只设置了一个。请两个都设置（用自己的服务），或都不设置（用内置的）。"
        )
    else:
        layout = engines.engine_layout(directory.data)
        urls = engines.start(supervisor, layout, layout.folder)
        cluster = engines.cluster_id(layout)
        say("数据库和消息队列已启动。")
    return {
        **urls,
        "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
        **({"CITY": str(directory.package)} if directory.package else {}),
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": directory.secret_key(),
        "DEBUG": "False",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SECURE_COOKIES": "False",
        "BEHIND_TLS_PROXY": "False",
        "MEDIA_ROOT": str(directory.data / "media"),
        "SITE_IS_DEMO": "True",
        "MFA_REQUIRED_ROLES": "",  # the logins of the demo have a password alone
        "WORKER_READY_FOLDER": str(directory.ready),
        "EMAIL_URL": f"filemail:///{directory.data / 'mails'}",
    }, cluster


def _start(directory: DataDirectory, supervisor: Supervisor, variant: Variant, address: str) -> dict[str, str]:
    """Start everything in order. Returns the environment of the processes."""
    catalogues.compile_all()
    environment, cluster = _environment(directory, supervisor)
    environment["SITE_ADDRESS"] = address
    stale = directory.stale_steps(cluster)
    if not variant.collects_static:
        stale = [step for step in stale if step != "static"]
    if stale:
        _prepare(directory, supervisor, environment, stale, address)
        directory.mark_prepared(cluster, static=variant.collects_static)
    environment |= variant.settings
    directory.update_address(address)
    directory.forget_ready()
    for spec in variant.processes(environment, directory, address):
        supervisor.start(spec)
    supervisor.wait_for("web", lambda: _http_status(address + "/readyz") == 200, seconds=START_TIMEOUT)
    say("网站已启动，等待后台任务……")
    _wait_for_background(directory, supervisor)
    directory.write_running(address, environment)
    return environment


def _wait_for_background(directory: DataDirectory, supervisor: Supervisor) -> None:
    """Wait until each process says that it takes tasks.

    What waits in the queues is no matter of the start: after a kill in the middle of a run it may take hours.
    """
    deadline = time.monotonic() + START_TIMEOUT
    while missing := [name for name in BACKGROUND if not (directory.ready / name).exists()]:
        supervisor.watch()
        if time.monotonic() > deadline:
            titles = "、".join(supervisor.running[name].spec.title for name in missing)
            raise LauncherError(f"{titles}没有启动。日志：{directory.logs}")
        time.sleep(0.1)


def _prepare(
    directory: DataDirectory,
    supervisor: Supervisor,
    environment: dict[str, str],
    stale: list[str],
    address: str,
) -> None:
    """Run steps of `launcher.prepare`. The database steps and the static files run in parallel."""
    say("正在准备数据表、演示数据和页面文件，首次约需一分钟……" if "demo" in stale else "正在更新……")
    inputs = {"LOGINS_FILE": str(directory.logins), "ADDRESS": address}
    groups = [[step for step in stale if step != "static"], [step for step in stale if step == "static"]]
    supervisor.run_to_end(*(_step_process(environment | inputs, *group) for group in groups if group))


def _step_process(environment: dict[str, str], *steps: str) -> ProcessSpec:
    titles = {"database": "更新数据表", "demo": "载入演示数据", "static": "整理页面文件"}
    command = (str(PYTHON), "-m", "launcher.prepare", *steps)
    return ProcessSpec(f"prepare-{steps[0]}", "、".join(titles[step] for step in steps), command, environment)


def processes(environment: dict[str, str], directory: DataDirectory, address: str) -> list[ProcessSpec]:
    celery = (str(PYTHON), "-m", "celery", "-A", "dalian_techtransfer")
    port = address.rpartition(":")[2]
    gunicorn = ["-c", "python:dalian_techtransfer.web_workers", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4"]
    gunicorn += ["--preload", "--graceful-timeout", "5"]
    web = (str(PYTHON), "-m", "gunicorn", "dalian_techtransfer.wsgi", *gunicorn, "--no-control-socket")
    quiet = ["-l", "INFO", "--without-gossip", "--without-mingle"]
    worker = ["-n", "worker@%h", "-Q", "pulse,interactive,mail", "-c", "2", *quiet]
    batch = ["-n", "batch@%h", "-Q", "batch", "-c", "2", *quiet]
    beat = ["-l", "INFO", "--schedule", str(directory.data / "beat-schedule"), "--pidfile="]
    return [
        ProcessSpec("web", "网站", web, environment),
        ProcessSpec("worker", "后台任务", (*celery, "worker", *worker), environment),
        ProcessSpec("batch", "批量匹配", (*celery, "worker", *batch), environment),
        ProcessSpec("beat", "定时任务", (*celery, "beat", *beat), environment),
    ]


def _manage_runner(supervisor: Supervisor, environment: dict[str, str]) -> Callable[..., str]:
    """A function that runs a command of manage.py and returns its output."""

    def run_command(*arguments: str) -> str:
        spec = ProcessSpec("check", "自检", (str(PYTHON), str(CHECKOUT / "manage.py"), *arguments), environment)
        log = supervisor.log_of(spec)
        size_before = log.stat().st_size if log.exists() else 0
        supervisor.run_to_end(spec)
        return log.read_bytes()[size_before:].decode(errors="replace")

    return run_command


def _http_status(url: str) -> int:
    """The status of a local URL, 0 without an answer. No proxy is used."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


# --- Running and stopping --------------------------------------------------------------------------------------------
def _first_login_per_role(logins: list[dict[str, str]]) -> list[dict[str, str]]:
    """The first login of each role, in order. The file of logins has several users per role."""
    first: dict[str, dict[str, str]] = {}
    for login in logins:
        first.setdefault(login["role"], login)
    return list(first.values())


def _print_welcome(directory: DataDirectory, address: str, logins: list[dict[str, str]]) -> None:
    say("演示已就绪。")
    rows: list[tuple[str, ...]] = [("角色", "用户名", "密码", "起始页")]
    rows += [tuple(login[key] for key in ("role", "username", "password", "start_page")) for login in logins]
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    print(f"\n  网址    {address}/\n")
    for row in rows:
        print("  " + "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)))
    print(
        f"\n  以上及其他演示用户的登录名在 {directory.logins}\n  各进程日志在 {directory.logs}\n  按 Ctrl-C 停止。\n",
        flush=True,
    )


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def watch(supervisor: Supervisor) -> None:
    """Restart processes that exit, until the command is interrupted."""
    while True:
        supervisor.watch()
        time.sleep(0.3)


def _stop(directory: DataDirectory, supervisor: Supervisor) -> None:
    """Stop the processes that use the engines, then the engines."""
    directory.remove_running()
    supervisor.ignore_signals()
    supervisor.stop("web", *BACKGROUND)
    supervisor.close()
    say("已全部停止。")


DEMO = Variant(settings={}, processes=processes, watch=watch)
