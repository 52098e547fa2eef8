"""The command `test`: lint, import laws, migrations, then pytest against engines that are thrown away afterwards."""

from __future__ import annotations

import ctypes.util
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from launcher import catalogues, engines
from launcher.installation import lives
from launcher.places import DATA, ENVIRONMENT, PYTHON, say
from launcher.supervisor import Program, Supervisor

BROWSER = "chromium"
FONTS = "fonts-noto-cjk"
GETTEXT = "gettext"
PANGO = "libpangoft2-1.0-0"
CHECKS = {
    "代码检查": ("-m", "ruff", "check"),
    "代码格式": ("-m", "ruff", "format", "--check"),
    "分层规则": (str(ENVIRONMENT / "bin/lint-imports"),),
    "迁移完整": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "建立数据表": ("manage.py", "migrate", "--verbosity", "0"),
}
"""What comes before the tests. The migrations run once; the tests' databases are copies of what they made."""


def run(words: list[str]) -> int:
    """Run everything; `words` go to pytest. The exit code is 1 if a check before the tests fails, else pytest's.

    pytest's own closing line is the last that is printed: it passed only if everything before it did.
    """
    _complete_the_machine()
    catalogues.compile_all()
    DATA.mkdir(exist_ok=True)
    DATA.chmod(0o711)
    place = engines.shelter(DATA)
    folder = _fresh_folder(place.folder)
    supervisor = Supervisor(folder / "logs", remove=(folder,))
    try:
        environment = {
            **engines.start(supervisor, place, folder, throwaway=True),
            "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "False",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
            "SECURE_COOKIES": "False",
            "MEDIA_ROOT": str(folder / "media"),
            "MIGRATED_DATABASE": engines.DATABASE,
        }
        checks = [Program("check", title, (str(PYTHON), *command), environment) for title, command in CHECKS.items()]
        failed = [check.title for check in checks if supervisor.foreground(check)]
        if failed:
            say(f"{'、'.join(failed)}未通过，请先修正上面列出的问题。测试没有运行。")
            return 1
        say("代码检查、分层规则、迁移检查均通过。开始测试。")
        pytest = (str(PYTHON), "-m", "pytest", *(words or ["-n", str(min(4, os.cpu_count() or 1))]))
        return supervisor.foreground(Program("pytest", "测试", pytest, environment))
    except KeyboardInterrupt:
        return 130
    finally:
        supervisor.ignore_signals()
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_folder(parent: Path) -> Path:
    """A folder for this run's engines; those of runs that nobody cleaned up after go."""
    for old in parent.glob("suite-*"):
        if not lives(int(old.name.rpartition("-")[2])):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / f"suite-{os.getpid()}"
    folder.mkdir()
    return folder


def _complete_the_machine() -> None:
    """What the suite needs that no wheel brings. Root on Debian installs it; others are told, one line per thing."""
    missing = [package for package in (BROWSER, FONTS, GETTEXT, PANGO) if not _present(package)]
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        say(f"正在安装系统组件：{'、'.join(missing)}……")
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=False, **quiet)
        missing = [package for package in missing if not _present(package)]
    lost = {
        BROWSER: "没有 Chromium，浏览器测试将跳过",
        FONTS: "没有中文字体，浏览器截图中的汉字会显示为方框",
        GETTEXT: "没有 gettext，译文的格式检查将跳过",
        PANGO: "没有 Pango，不能生成 PDF",
    }
    for package in missing:
        say(f"{lost[package]}。请安装：apt-get install {package}")


def _present(package: str) -> bool:
    if package == BROWSER:
        return Path("/usr/bin/chromium").exists()
    if package == GETTEXT:
        return shutil.which("msgfmt") is not None
    if package == PANGO:
        return ctypes.util.find_library("pangoft2-1.0") is not None
    return any(Path("/usr/share/fonts").rglob("*CJK*"))
