"""The command `test`: lint, types, import contracts and migrations, then pytest with engines that exist for one run.

`--quick` leaves out the tests marked `browser` or `long`. `--coverage` measures which lines run and prints a summary.
All other arguments go to pytest. The drills (tests/drills) run when an argument names them, and with CI=true after the
suite.
"""

from __future__ import annotations

import ctypes.util
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from launcher import catalogues, engines
from launcher.console import say
from launcher.data_directory import process_exists
from launcher.paths import CHECKOUT, DATA, ENVIRONMENT, PYTHON
from launcher.supervisor import ProcessSpec, Supervisor
from launcher.template_cluster import TemplateCluster

BROWSER = "chromium-headless-shell"
FONTS = "fonts-noto-cjk"
GETTEXT = "gettext"
PANGO = "libpangoft2-1.0-0"
NGINX = "nginx-light"
SYSTEMD = "systemd"
PGBACKREST = "pgbackrest"
BIN = ENVIRONMENT / "bin"
SYSTEM_PACKAGES = (BROWSER, FONTS, GETTEXT, PANGO, NGINX, SYSTEMD, PGBACKREST)
MANAGE = (str(PYTHON), "manage.py")
CHECKS: dict[str, tuple[str, ...]] = {
    "代码检查": (str(BIN / "ruff"), "check"),
    "代码格式": (str(BIN / "ruff"), "format", "--check"),
    "类型检查": (str(BIN / "mypy"),),
    "分层规则": (str(BIN / "lint-imports"),),
    "模板格式": (str(BIN / "djangofmt"), "--check", "templates"),
    "JavaScript 检查": (str(BIN / "biome"), "check", "--error-on-warnings"),
    "迁移完整": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "文档网站": (str(PYTHON), "-m", "launcher.documentation"),
}
"""Title → command, run before the tests and by `check`. None needs a database."""
MIGRATE = ("建立数据表", (str(PYTHON), "-m", "launcher.prepare", "tables"))
"""Left out when a template cluster is copied. The test databases are copies of the database migrated here."""
TYPES = "类型检查"
"""The check that takes as long as all others: it runs beside them."""
COLLECT = ("读取测试", (str(PYTHON), "-m", "pytest", "--collect-only", "-qq"))
"""Beside the checks where no bytecode of the tests is kept: else each process of the run rewrites every assertion."""
DRILLS = "tests/drills"
"""Tests that start, kill, upgrade or restore a whole installation. A folder: pytest need not collect all the others."""
INTERRUPTED = 2
"""pytest's exit code after Ctrl-C, and after files that could not be read."""
OWN_OPTIONS = {"--quick", "--coverage"}
IS_CI = os.environ.get("CI") == "true"


def run(arguments: list[str]) -> int:
    """Run the checks, then pytest; with CI=true and without arguments once more for the drills. Returns 1 if a check
    fails, else pytest's exit code, the first that is not 0.

    pytest's closing line is the last output, and it appears only after every check has passed.
    """
    _install_system_packages()
    catalogues.compile_all()
    DATA.mkdir(exist_ok=True)
    DATA.chmod(0o711)
    layout = engines.engine_layout(DATA)
    folder = _create_run_folder(layout.folder)
    supervisor = Supervisor(folder / "logs", remove=(folder,))
    try:
        template = TemplateCluster(layout)
        is_migrated = template.copy_to(folder / "postgresql")
        urls = engines.start(supervisor, layout, folder, ephemeral=True)
        environment = _environment(urls, folder)
        failed = _failed_checks(supervisor, environment, [] if is_migrated else [MIGRATE])
        if not (is_migrated or MIGRATE[0] in failed or IS_CI):  # CI uses a fresh clone, where no template is kept
            engines.restart_postgres(supervisor, urls["DATABASE_URL"], lambda: template.store(folder / "postgresql"))
        if failed:
            say(f"{'、'.join(failed)}未通过，请先修正上面列出的问题。测试没有运行。")
            return 1
        say("代码检查、分层规则、迁移检查均通过。开始测试。")
        code = 0
        for call in pytest_calls(arguments):
            pytest = (str(PYTHON), "-m", "pytest", *call)
            ended = supervisor.run_in_foreground(ProcessSpec("pytest", "测试", pytest, environment))
            code = code or ended
            if ended == INTERRUPTED:
                break
        return code
    except KeyboardInterrupt:
        return 130
    finally:
        supervisor.ignore_signals()
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)


def check() -> int:
    """Run CHECKS without engines, for the pre-commit hook. Returns 1 if one fails."""
    settings = {"SECRET_KEY": secrets.token_urlsafe(50), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    environment = {**os.environ, **settings, "DEBUG": "False", "PYTHONWARNINGS": "ignore::RuntimeWarning"}
    failed = [
        title for title, command in CHECKS.items() if subprocess.run(command, check=False, env=environment).returncode
    ]
    say(f"{'、'.join(failed)}未通过，请先修正上面列出的问题。" if failed else "检查均通过。")
    return 1 if failed else 0


def pytest_calls(arguments: list[str]) -> list[list[str]]:
    """The arguments of each call of pytest, one after the other."""
    suite = pytest_arguments(arguments)
    return [suite, pytest_arguments([DRILLS, *_processes()])] if IS_CI and not arguments else [suite]


def pytest_arguments(arguments: list[str]) -> list[str]:
    """The arguments of pytest: several processes unless arguments are given, one rerun of a failed test in CI."""
    others = [argument for argument in arguments if argument not in OWN_OPTIONS]
    options = []
    if "--quick" in arguments:
        options += ["-m", "not browser and not long"]
    if "--coverage" in arguments:
        options += ["--cov", "--cov-report=term:skip-covered"]
    if IS_CI:
        options += ["--reruns", "1"]
    if not any(argument.removeprefix("./").startswith(DRILLS) for argument in others):
        options += [f"--ignore={DRILLS}"]
    return [*options, *(others or _processes())]


def _processes() -> list[str]:
    """One more than can run at once: some wait for a browser or a worker."""
    return ["-n", str(min(4, (os.cpu_count() or 1) + 1))]


def _environment(urls: dict[str, str], folder: Path) -> dict[str, str]:
    return {
        **urls,
        "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DEBUG": "False",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "SECURE_COOKIES": "False",
        "MEDIA_ROOT": str(folder / "media"),
        "MIGRATED_DATABASE": engines.DATABASE,
        "COVERAGE_CORE": "sysmon",  # the fast one, from Python 3.12 on
        "PYTHONDONTWRITEBYTECODE": "",  # the suite starts the project dozens of times
    }


def _failed_checks(
    supervisor: Supervisor, environment: dict[str, str], more: list[tuple[str, tuple[str, ...]]]
) -> list[str]:
    """Run CHECKS and `more` at the terminal, slow ones beside the others. Returns the titles of those that failed."""
    beside = [(TYPES, CHECKS[TYPES])]
    if not any((CHECKOUT / "tests" / "__pycache__").glob("*.pyc")):
        beside.append(COLLECT)
    slow = [ProcessSpec(f"check-{number}", *check, environment) for number, check in enumerate(beside)]
    for spec in slow:
        supervisor.start(spec)
    checks = [*((title, command) for title, command in CHECKS.items() if title != TYPES), *more]
    specs = [ProcessSpec("check", title, command, environment) for title, command in checks]
    failed = [spec.title for spec in specs if supervisor.run_in_foreground(spec)]
    for spec in slow:
        is_failed = supervisor.wait_until_it_ends(spec.name) != 0
        if is_failed or spec.title == TYPES:
            say(supervisor.log_tail(spec, lines=1000 if is_failed else 1).strip())
        failed += [spec.title] if is_failed else []
    return failed


def _create_run_folder(parent: Path) -> Path:
    """Create the folder for this run's engines and remove those of runs whose process no longer exists."""
    for old in parent.glob("suite-*"):
        if not process_exists(int(old.name.rpartition("-")[2])):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / f"suite-{os.getpid()}"
    folder.mkdir()
    return folder


def _install_system_packages() -> None:
    """Install what no wheel contains, as root on Debian. Otherwise print one line per missing package."""
    missing = [package for package in SYSTEM_PACKAGES if not _is_installed(package)]
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        say(f"正在安装系统组件：{'、'.join(missing)}……")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL, env=environment)
        missing = [package for package in missing if not _is_installed(package)]
    consequences = {
        BROWSER: "没有 Chromium，浏览器测试将跳过",
        FONTS: "没有中文字体，浏览器截图中的汉字会显示为方框",
        GETTEXT: "没有 gettext，译文的格式检查将跳过",
        PANGO: "没有 Pango，不能生成 PDF",
        NGINX: "没有 nginx，代理配置的检查将跳过",
        SYSTEMD: "没有 systemd-analyze，服务单元的检查将跳过",
        PGBACKREST: "没有 pgBackRest，恢复到某一时刻的测试将跳过",
    }
    for package in missing:
        say(f"{consequences[package]}。请安装：apt-get install {package}")


def _is_installed(package: str) -> bool:
    if package == BROWSER:
        return Path("/usr/bin", BROWSER).exists()
    if package == GETTEXT:
        return shutil.which("msgfmt") is not None
    if package == NGINX:
        return shutil.which("nginx") is not None or Path("/usr/sbin/nginx").exists()
    if package == SYSTEMD:
        return shutil.which("systemd-analyze") is not None
    if package == PGBACKREST:
        return shutil.which("pgbackrest") is not None
    if package == PANGO:
        return ctypes.util.find_library("pangoft2-1.0") is not None
    return any(Path("/usr/share/fonts").rglob("*CJK*"))
