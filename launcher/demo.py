"""The commands `demo` and `manage`: the whole product on this machine, for one person to try."""

from __future__ import annotations

import json
import os
import time
import unicodedata
import urllib.error
import urllib.request

from launcher import catalogues, engines, selfcheck
from launcher.installation import Installation
from launcher.places import CHECKOUT, DATA, PYTHON, STARTED, Refusal, say
from launcher.supervisor import Program, Supervisor

MOVES_SCHEMA = {"migrate", "flush", "load_demo_city", "loaddata"}
"""Commands after which every step of `launcher.prepare` is done again."""


def run(*, data: str | None, port: int, once: bool, reset: bool, yes: bool) -> int:
    """Start the product and keep it up until it is told to end (`once`: until it has checked itself). Exit code."""
    installation = Installation(data or DATA)
    try:
        installation.hold()
        if reset:
            _clear(installation, yes=yes)
        return _run_held(installation, port=port, once=once)
    except Refusal as refusal:
        if not once:
            raise
        say(str(refusal))
        print(json.dumps({"ok": False, "error": str(refusal).splitlines()[0]}, ensure_ascii=False))
        return 1


def manage(words: list[str]) -> int:
    """Run a command of manage.py against the demo's data: that of the running demo, or with engines just for it."""
    installation = Installation(DATA)
    if words and words[0] in MOVES_SCHEMA:
        installation.forget_prepared()
    program = (str(PYTHON), str(CHECKOUT / "manage.py"), *words)
    running = installation.running()
    if running:
        os.execve(program[0], program, {**os.environ, **running["environment"]})  # noqa: S606
    installation.hold()
    supervisor = Supervisor(installation.logs, lock=installation.lock)
    try:
        environment, _ = _environment(installation, supervisor)
        return supervisor.foreground(Program("manage", "命令", program, environment))
    finally:
        supervisor.close()


def _clear(installation: Installation, *, yes: bool) -> None:
    if not yes:
        try:
            answer = input(
                f"将删除 {installation.data} 中的全部演示数据（数据库、附件、登录名）。确定吗？输入 yes 继续："
            )
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"yes", "y", "是"}:
            raise Refusal("已取消，什么都没有删除。")
    installation.clear()


def _run_held(installation: Installation, *, port: int, once: bool) -> int:
    supervisor = Supervisor(installation.logs, lock=installation.lock)
    report = None
    try:
        try:
            port = engines.free_port(port) if port else installation.port()
        except OSError:
            raise Refusal(f"端口 {port} 已被占用或无权使用，请换一个：--port 8001") from None
        address = f"http://127.0.0.1:{port}"
        environment = _start(installation, supervisor, address)
        logins = _one_per_role(json.loads(installation.logins.read_text(encoding="utf-8"))["logins"])
        if once:
            report = {"ready_seconds": round(time.time() - STARTED, 1)}
            report |= selfcheck.run(address, logins, _command(supervisor, environment))
            report = {"ok": True, "seconds": round(time.time() - STARTED, 1), **report}
        else:
            _welcome(installation, address, logins)
            _watch(supervisor)
    except KeyboardInterrupt:
        say("正在停止……")
    finally:
        _end(installation, supervisor)
    if once:
        print(json.dumps(report or {"ok": False, "error": "中途被停止"}, ensure_ascii=False))
    return 0 if report or not once else 1


def _environment(installation: Installation, supervisor: Supervisor) -> tuple[dict[str, str], str | None]:
    """The settings' variables with both engines running, and the cluster's identity (None for a server not ours)."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    cluster = None
    if len(given) == 2:
        say("使用环境变量 DATABASE_URL、REDIS_URL 指定的数据库和消息队列。")
    elif given:
        raise Refusal("DATABASE_URL 和 REDIS_URL 只设置了一个。请两个都设置（用自己的服务），或都不设置（用内置的）。")
    else:
        place = engines.shelter(installation.data)
        given = engines.start(supervisor, place, place.folder)
        cluster = engines.identity(place)
        say("数据库和消息队列已启动。")
    return {
        **given,
        "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": installation.secret_key(),
        "DEBUG": "False",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SECURE_COOKIES": "False",
        "BEHIND_TLS_PROXY": "False",
        "MEDIA_ROOT": str(installation.data / "media"),
        "SITE_IS_DEMO": "True",
        "EMAIL_URL": f"filemail:///{installation.data / 'mails'}",
    }, cluster


def _start(installation: Installation, supervisor: Supervisor, address: str) -> dict[str, str]:
    """Everything, in order. Returns the environment the processes run in."""
    catalogues.compile_all()
    environment, cluster = _environment(installation, supervisor)
    environment["SITE_ADDRESS"] = address
    stale = installation.stale(cluster)
    if stale:
        say("正在准备数据表、演示数据和页面文件，首次约需一分钟……" if "demo" in stale else "正在更新……")
        inputs = {"LOGINS_FILE": str(installation.logins), "ADDRESS": address}
        rows = [step for step in stale if step != "static"]
        groups = [rows, [step for step in stale if step == "static"]]  # side by side: rows and files do not meet
        supervisor.finish(*(_step(environment | inputs, *group) for group in groups if group))
        installation.prepared(cluster)
    installation.move_to(address)
    for program in _processes(environment, installation, address):
        supervisor.start(program)
    supervisor.wait_for("web", lambda: _status(address + "/") == 200, seconds=60)
    say("网站已启动，等待后台任务……")
    until = time.monotonic() + 45
    while _status(address + "/healthz") != 200:
        supervisor.watch()
        if time.monotonic() > until:
            raise Refusal(f"后台任务没有启动。状态：{address}/healthz，日志：{installation.logs}")
        time.sleep(0.1)
    installation.announce(address, environment)
    return environment


def _step(environment: dict[str, str], *steps: str) -> Program:
    titles = {"database": "更新数据表", "demo": "载入演示数据", "static": "整理页面文件"}
    command = (str(PYTHON), "-m", "launcher.prepare", *steps)
    return Program(f"prepare-{steps[0]}", "、".join(titles[step] for step in steps), command, environment)


def _processes(environment: dict[str, str], installation: Installation, address: str) -> list[Program]:
    celery = (str(PYTHON), "-m", "celery", "-A", "dalian_techtransfer")
    port = address.rpartition(":")[2]
    gunicorn = ["-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4", "--preload", "--graceful-timeout", "5"]
    worker = ["-c", "2", "-l", "INFO", "-n", "demo@%h", "--without-gossip", "--without-mingle"]
    schedule = str(installation.data / "beat-schedule")
    return [
        Program(
            "web",
            "网站",
            (str(PYTHON), "-m", "gunicorn", "dalian_techtransfer.wsgi", *gunicorn, "--no-control-socket"),
            environment,
        ),
        Program("worker", "后台任务", (*celery, "worker", *worker), environment),
        Program("beat", "定时任务", (*celery, "beat", "-l", "INFO", "--schedule", schedule, "--pidfile="), environment),
    ]


def _command(supervisor: Supervisor, environment: dict[str, str]):
    """A function that runs one command of manage.py and returns what it wrote on its standard output."""

    def call(*words: str) -> str:
        program = Program("check", "自检", (str(PYTHON), str(CHECKOUT / "manage.py"), *words), environment)
        before = supervisor.log_of(program).stat().st_size if supervisor.log_of(program).exists() else 0
        supervisor.finish(program)
        return supervisor.log_of(program).read_bytes()[before:].decode(errors="replace")

    return call


def _status(url: str) -> int:
    """The HTTP status of a page of this machine, 0 when nobody answers. No proxy is asked."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _one_per_role(logins: list[dict]) -> list[dict]:
    """The first login of each role, in their order; the file has more people to try the product as."""
    first = {}
    for login in logins:
        first.setdefault(login["role"], login)
    return list(first.values())


def _welcome(installation: Installation, address: str, logins: list[dict]) -> None:
    say("演示已就绪。")
    rows = [("角色", "用户名", "密码", "起始页")]
    rows += [tuple(login[key] for key in ("role", "username", "password", "start_page")) for login in logins]
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    print(f"\n  网址    {address}/\n")
    for row in rows:
        print("  " + "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)))
    print(
        f"\n  以上及其他演示用户的登录名在 {installation.logins}"
        f"\n  各进程日志在 {installation.logs}\n  按 Ctrl-C 停止。\n",
        flush=True,
    )


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _watch(supervisor: Supervisor) -> None:
    while True:
        supervisor.watch()
        time.sleep(0.3)


def _end(installation: Installation, supervisor: Supervisor) -> None:
    """First those who use the engines, then the engines."""
    installation.silence()
    supervisor.ignore_signals()
    supervisor.stop("beat", "web", "worker")
    supervisor.close()
    say("已全部停止。")
