"""Make `.venv` from the hashed requirements and go on inside it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys

from launcher import interpreter
from launcher.places import CHECKOUT, ENVIRONMENT, PYTHON, STARTED, Refusal, digest, say

RUN = ["requirements.txt"]
TEST = ["requirements-dev.txt"]
STAMP = ENVIRONMENT / "installed.json"


def enter(files: list[str]) -> None:
    """Make sure that `files` are installed, then become the environment's Python if this process is not it yet."""
    missing = _missing(files)
    if missing:
        try:
            _install(files)
        except PermissionError as error:
            raise Refusal(f"没有权限写入 {error.filename}。请把整个目录交给当前用户，或换一个目录。") from None
    if os.path.realpath(sys.prefix) != os.path.realpath(ENVIRONMENT):
        words = [str(PYTHON), str(CHECKOUT / "bootstrap.py"), *sys.argv[1:]]
        os.environ["BOOTSTRAP_STARTED"] = str(STARTED)
        os.execv(words[0], words)  # noqa: S606  the same process goes on, so ending it still ends everything


def _wanted(files: list[str]) -> dict:
    return {name: digest(CHECKOUT / name) for name in files}


def _missing(files: list[str]) -> list[str]:
    """Those of `files` that are not installed in their present wording."""
    try:
        installed = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        installed = {}
    if not os.access(PYTHON, os.X_OK):  # also false when the Python it was made from is gone
        installed = {}
    return [name for name, wanted in _wanted(files).items() if installed.get(name) != wanted]


def _install(files: list[str]) -> None:
    with open(CHECKOUT / RUN[0]) as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two first starts at once: the second waits and finds it done
        missing = _missing(files)
        if not missing:
            return
        uv = shutil.which("uv")
        if not interpreter.probe(str(PYTHON)):
            _create(uv)
        say("正在安装依赖（{}），首次约需半分钟……".format("、".join(missing)))
        try:
            for name in missing:
                _run([*_installer(uv), "--require-hashes", "-r", str(CHECKOUT / name)])
        except subprocess.CalledProcessError:
            raise Refusal("安装依赖失败，原因见上。请检查网络或软件源设置后重试。") from None
        known = json.loads(STAMP.read_text(encoding="utf-8")) if STAMP.exists() else {}
        STAMP.write_text(json.dumps({**known, **_wanted(missing)}), encoding="utf-8")
        say("依赖已就绪。")


def _create(uv: str | None) -> None:
    if ENVIRONMENT.exists() and not (ENVIRONMENT / "pyvenv.cfg").exists() and any(ENVIRONMENT.iterdir()):
        raise Refusal(f"{ENVIRONMENT} 已存在，但不是 Python 环境。请移走后重试。")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    chosen = interpreter.find(uv)
    say(f"使用 Python {chosen.name}（{chosen.path}）建立运行环境。")
    try:
        if chosen.makes_environments:
            _run([chosen.path, "-m", "venv", str(ENVIRONMENT)])
        else:
            _run([uv, "venv", "--quiet", "--python", chosen.path, str(ENVIRONMENT)])
    except subprocess.CalledProcessError:
        raise Refusal(f"无法建立 {ENVIRONMENT}，原因见上。") from None


def _installer(uv: str | None) -> list[str]:
    """uv where there is one (a warm install takes a second), else the environment's own pip."""
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    pip = [str(PYTHON), "-m", "pip"]
    if subprocess.run(
        [*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode:
        _run([str(PYTHON), "-m", "ensurepip", "--default-pip"])
    return [*pip, "install", "--quiet", "--disable-pip-version-check"]


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=sys.stderr)
