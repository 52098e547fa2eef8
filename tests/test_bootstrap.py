"""bootstrap.py: the Python it finds, the processes it starts, and that no process outlives it.

Tests that start processes run the launcher in a separate process and observe it through /proc.
"""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings

import bootstrap
from launcher import (
    catalogues,
    data_directory,
    demo,
    dev,
    documentation,
    drills,
    engines,
    install,
    installed,
    interpreter,
    suite,
    template_cluster,
)
from launcher.console import LauncherError
from launcher.data_directory import DataDirectory
from launcher.template_cluster import TemplateCluster

pytestmark = pytest.mark.long

ROOT = Path(settings.BASE_DIR)
NO_DRILLS = "--ignore=tests/drills"
EARLY = ["bootstrap", "launcher", "launcher.console", "launcher.paths", "launcher.interpreter", "launcher.install"]
"""The modules that run before `.venv` exists."""


def source_of(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


# --- Before the environment ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("module", EARLY)
def test_early_modules_use_only_the_standard_library_and_old_syntax(module):
    tree = ast.parse(source_of(module), feature_version=(3, 8))
    for node in tree.body:  # imports inside functions run inside `.venv`
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names or any(name.startswith(early) for early in EARLY)


def test_no_application_imports_the_launcher():
    apps = [name for name in (*settings.INSTALLED_APPS, "sheets", "dalian_techtransfer") if (ROOT / name).is_dir()]
    files = [file for app in apps for file in (ROOT / app).rglob("*.py")]
    assert len(files) > 50
    assert not [file for file in files if re.search(r"^\s*(from|import) launcher\b", file.read_text(), re.MULTILINE)]


def test_arguments_after_test_and_manage_are_passed_on_unchanged():
    assert bootstrap.parse(["test", "-x", "--port", "1", "-h"]).rest == ["-x", "--port", "1", "-h"]
    assert bootstrap.parse(["manage", "import_achievements", "表.xlsx", "--by", "u"]).rest[1:] == [
        "表.xlsx",
        "--by",
        "u",
    ]
    assert bootstrap.parse(["demo", "--once", "--port", "8001"]).port == 8001


@pytest.mark.parametrize("words", [[], ["dmeo"], ["demo", "--prot", "1"], ["demo", "--port", "x"]])
def test_a_mistyped_command_is_refused(words, capsys):
    with pytest.raises(SystemExit) as refusal:
        bootstrap.parse(words)
    assert refusal.value.code == 2
    assert "usage" in capsys.readouterr().err


def fake_python(folder: Path, name: str, script: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'pyenv: version 3.13 is not installed' >&2; exit 127",
        "echo 3 11 1 1 /usr/bin/python3.11",  # too old
        "echo 3 13 1 0 /usr/bin/python3.13t",  # free-threaded: the wheels are not for it
        "echo hello",
        "exit 0",
    ],
)
def test_an_unsuitable_python_is_rejected(tmp_path, script):
    assert interpreter.probe(fake_python(tmp_path, "python3.13", script)) is None


def test_a_suitable_python_reports_its_executable():
    python = interpreter.probe(sys.executable)
    assert (python.path, python.version) == (sys.executable, sys.version_info[:2])


def test_the_first_suitable_python_is_chosen(tmp_path, monkeypatch):
    broken = fake_python(tmp_path, "broken", "exit 1")
    without_venv = fake_python(tmp_path, "bare", "echo 3 13 0 1 /bare")
    whole = fake_python(tmp_path, "whole", "echo 3 12 1 1 /whole")
    monkeypatch.setattr(interpreter, "candidates", lambda: [broken, without_venv, whole])
    assert interpreter.find(None).path == "/whole"
    assert interpreter.find("/usr/bin/uv").path == "/bare"  # uv makes environments by itself


def test_without_a_suitable_python_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(interpreter, "candidates", lambda: [fake_python(tmp_path, "bare", "echo 3 13 0 1 /bare")])
    with pytest.raises(LauncherError, match=r"apt-get install python3\.13-venv$"):
        interpreter.find(None)
    monkeypatch.setattr(interpreter, "candidates", lambda: [fake_python(tmp_path, "old", "echo 3 9 1 1 /old")])
    with pytest.raises(LauncherError, match=r"3\.12 或更新版本"):
        interpreter.find(None)


def test_pythons_of_version_managers_are_candidates(tmp_path, monkeypatch):
    pyenv = fake_python(tmp_path / "pyenv/versions/3.13.9/bin", "python3.13", "")
    uv = fake_python(tmp_path / "uv/cpython-3.12/bin", "python3.12", "")
    on_path = fake_python(tmp_path / "path", "python3.13", "")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    tried = interpreter.candidates()
    assert {pyenv, uv, on_path} <= set(tried)
    assert tried.index(on_path) < tried.index(pyenv) < tried.index(uv)


def test_requirements_are_installed_again_only_when_they_change(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    fake_python(tmp_path / "bin", "python", "exit 0")
    for name in ("CHECKOUT", "ENVIRONMENT"):
        monkeypatch.setattr(install, name, tmp_path)
    monkeypatch.setattr(install, "PYTHON", tmp_path / "bin/python")
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed.json")
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    assert install._outdated(install.RUNTIME) == ["requirements.txt"]
    install.STAMP.write_text(json.dumps(install._hashes(install.RUNTIME)))
    assert install._outdated(install.RUNTIME) == []
    (tmp_path / "requirements.txt").write_text("django==5.2.1\n")
    assert install._outdated(install.RUNTIME) == ["requirements.txt"]
    install.STAMP.write_text(json.dumps(install._hashes(install.RUNTIME)))
    (tmp_path / "bin/python").unlink()  # the system's Python was replaced
    assert install._outdated(install.RUNTIME) == ["requirements.txt"]


def test_a_damaged_environment_is_noticed_and_installed_again(tmp_path, monkeypatch, capsys):
    """Without the probe the stamp says that all is installed, and the first import ends the start with a traceback."""
    record = tmp_path / "site/celery-5.7.0.dist-info/RECORD"
    record.parent.mkdir(parents=True)
    record.write_text("celery/app.py,sha256=x,5\ncelery/empty.py,sha256=y,0\ncelery/__pycache__/app.pyc,,\n")
    (tmp_path / "site/celery").mkdir()
    for name, content in (("app.py", "whole"), ("empty.py", "")):
        (tmp_path / "site/celery" / name).write_text(content)
    assert installed.damaged_package(str(tmp_path / "site")) is None
    (tmp_path / "site/celery/app.py").write_text("")  # as after a full disk
    assert installed.damaged_package(str(tmp_path / "site")) == "celery"

    for name in ("CHECKOUT", "ENVIRONMENT"):
        monkeypatch.setattr(install, name, tmp_path)
    state = tmp_path / "damaged"
    state.touch()
    script = (
        f'case "$2" in *installed.py) [ -e {state} ] && echo celery && exit 1; exit 0;; esac; echo 3 13 1 1 /python'
    )
    monkeypatch.setattr(install, "PYTHON", Path(fake_python(tmp_path / "bin", "python", script)))
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("django==5.2\n")
    install.STAMP.write_text(json.dumps(install._hashes(["requirements.txt", "requirements-dev.txt"])))
    commands = []
    monkeypatch.setattr(install, "_run", lambda command: (commands.append(command), state.unlink(missing_ok=True)))
    install.enter(install.RUNTIME)
    assert [command[-1] for command in commands] == [
        str(tmp_path / "requirements-dev.txt"), str(tmp_path / "requirements.txt"),
    ]  # fmt: skip
    assert {"--reinstall", "--force-reinstall"} & set(commands[0])
    assert "已损坏（celery 缺少文件），重新安装" in capsys.readouterr().out
    install.enter(install.RUNTIME)
    assert len(commands) == 2


# --- The data folder -------------------------------------------------------------------------------------------------
def test_a_second_start_on_the_same_data_is_refused(tmp_path):
    first, second = DataDirectory(tmp_path / "data"), DataDirectory(tmp_path / "data")
    first.acquire()
    first.write_running("http://127.0.0.1:1234", {"SECRET_KEY": "x"})
    with pytest.raises(LauncherError, match=f"演示已在运行（进程 {os.getpid()}，http://127.0.0.1:1234）"):
        second.acquire()
    assert second.running_instance()["environment"] == {"SECRET_KEY": "x"}
    os.close(first.lock)
    assert second.running_instance() == {}
    second.acquire()
    os.close(second.lock)


def test_secret_files_are_readable_only_by_their_owner(tmp_path):
    directory = DataDirectory(tmp_path / "data")
    directory.acquire()
    assert directory.secret_key() == directory.secret_key()
    directory.write_running("http://127.0.0.1:1", {})
    directory.update_address("http://127.0.0.1:1")
    for name in ("secret_key", "running.json", "demo_logins.json"):
        assert (directory.data / name).stat().st_mode & 0o777 == 0o600
    os.close(directory.lock)


def test_a_new_port_changes_only_the_address_in_the_file_of_logins(tmp_path):
    directory = DataDirectory(tmp_path)
    logins = [{"role": "市级专员", "username": "u", "password": "p", "start_page": "/"}]
    directory.logins.write_text(json.dumps({"address": "http://127.0.0.1:1", "logins": logins}))
    directory.update_address("http://127.0.0.1:2")
    assert json.loads(directory.logins.read_text()) == {"address": "http://127.0.0.1:2", "logins": logins}


def test_a_step_is_stale_when_its_sources_change(tmp_path, monkeypatch):
    monkeypatch.setattr(data_directory, "CHECKOUT", tmp_path)
    monkeypatch.setattr(data_directory, "COLLECTED", tmp_path / "collected.json")
    migrations, city, static = (tmp_path / name for name in ("app/migrations", "demo_city", "static"))
    for folder in (migrations, city, static, tmp_path / "staticfiles", tmp_path / "data"):
        folder.mkdir(parents=True)
    directory = DataDirectory(tmp_path / "data")
    assert directory.stale_steps("cluster") == ["database", "demo", "static"]
    directory.logins.write_text("{}")
    directory.mark_prepared("cluster")
    assert directory.stale_steps("cluster") == []
    (migrations / "0002_more.py").write_text("")
    assert directory.stale_steps("cluster") == ["database"]
    directory.mark_prepared("cluster")
    (city / "firms.jsonl").write_text("{}")
    (static / "site.css").write_text("")
    assert directory.stale_steps("cluster") == ["demo", "static"]
    directory.mark_prepared("cluster")
    directory.logins.unlink()
    assert directory.stale_steps("cluster") == ["demo"]
    directory.logins.write_text("{}")
    assert directory.stale_steps("another cluster") == ["database", "demo"]
    directory.mark_prepared(None)  # an external server: its state is unknown
    assert directory.stale_steps(None) == ["database", "demo"]
    directory.forget_prepared()
    assert directory.stale_steps("cluster") == ["database", "demo"]


def test_without_collected_files_the_static_step_stays_stale(tmp_path, monkeypatch):
    """`bootstrap.py dev` serves the files uncollected; the next demo must collect them."""
    monkeypatch.setattr(data_directory, "CHECKOUT", tmp_path)
    monkeypatch.setattr(data_directory, "COLLECTED", tmp_path / "collected.json")
    for folder in ("staticfiles", "data"):
        (tmp_path / folder).mkdir()
    directory = DataDirectory(tmp_path / "data")
    directory.logins.write_text("{}")
    directory.mark_prepared("cluster", static=False)
    assert directory.stale_steps("cluster") == ["static"]


def test_development_adds_debug_to_the_site_and_not_to_the_background_processes(tmp_path):
    environment = {"DEBUG": "False", "SECRET_KEY": "x"} | dev.DEVELOPMENT.settings
    web, *background = dev.processes(environment, DataDirectory(tmp_path), "http://127.0.0.1:8001")
    assert web.command[1:] == (str(ROOT / "manage.py"), "runserver", "127.0.0.1:8001")
    assert (web.environment["DEBUG"], web.environment["DEBUG_TOOLBAR"]) == ("True", "True")
    assert [(spec.name, spec.environment["DEBUG"]) for spec in background] == [
        ("worker", "False"),
        ("batch", "False"),
        ("beat", "False"),
    ]


def test_the_source_state_changes_with_the_files_of_applications(tmp_path):
    for name in ("app/__init__.py", "app/tasks.py", "tests/__init__.py", "notes/read.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    before = dev.source_state(tmp_path)
    assert {str(file.relative_to(tmp_path)) for file in before} == {"app/__init__.py", "app/tasks.py"}
    os.utime(tmp_path / "app/tasks.py", (1, 1))
    assert dev.source_state(tmp_path) != before


def test_the_suite_runs_without_the_debug_toolbar():
    assert not settings.DEBUG_TOOLBAR
    assert not [name for name in (*settings.INSTALLED_APPS, *settings.MIDDLEWARE) if "debug_toolbar" in name]


def test_a_data_directory_belongs_to_one_city(tmp_path):
    directory = DataDirectory(tmp_path)
    directory.claim(tmp_path / "package", "haibin")
    directory.claim(tmp_path / "moved", "haibin")
    with pytest.raises(LauncherError, match="另一个城市（haibin）"):
        directory.claim(None, "dalian")


def test_a_faulty_package_stops_the_demo_with_its_problems(tmp_path):
    (tmp_path / "city.toml").write_text("[city]\n", encoding="utf-8")
    with pytest.raises(LauncherError, match=r"regions\.csv 里没有统计单位"):
        demo.run(data=str(tmp_path / "data"), port=0, once=False, reset=False, yes=False, city=str(tmp_path))
    assert not (tmp_path / "data").exists()


def test_clearing_keeps_the_lock_file(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "EXTERNAL_ROOT", tmp_path / "outside")
    directory = DataDirectory(tmp_path / "data")
    directory.acquire()
    directory.secret_key()
    (directory.data / "media").mkdir()
    engines.external_folder(directory.data).mkdir(parents=True)
    directory.clear()
    assert [path.name for path in directory.data.iterdir()] == ["lock"]
    assert not engines.external_folder(directory.data).exists()
    os.close(directory.lock)


def test_clearing_asks_for_confirmation(tmp_path):
    """Without a terminal there is no answer, and nothing is removed."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/kept").write_text("x")
    done = launch(["demo", "--reset", "--data", str(tmp_path / "data")])
    assert "已取消，什么都没有删除" in done.communicate(timeout=60)[0]
    assert done.returncode == 1
    assert (tmp_path / "data/kept").exists()


def test_a_folder_that_others_may_write_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "guessed"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(LauncherError, match="不是本程序建立的目录"):
        engines._trusted_folder(folder)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(LauncherError, match="不是本程序建立的目录"):
        engines._trusted_folder(folder)
    folder.unlink()
    assert engines._trusted_folder(folder).stat().st_mode & 0o777 == 0o711
    assert engines._trusted_folder(folder) == folder  # a second call accepts it


def test_a_port_in_use_is_not_taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(OSError):
            engines.free_port(server.getsockname()[1])
        assert engines.free_port() != server.getsockname()[1]


def test_newer_catalogues_are_compiled(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "CHECKOUT", tmp_path)
    source = tmp_path / "locale/en/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    source.write_text(head + 'msgid "成果"\nmsgstr "Achievement"\n')
    catalogues.compile_all()
    made = source.with_suffix(".mo").stat().st_mtime_ns
    catalogues.compile_all()
    assert source.with_suffix(".mo").stat().st_mtime_ns == made
    source.write_text(head + "what is this\n")
    os.utime(source, (time.time() + 5, time.time() + 5))
    with pytest.raises(LauncherError, match="翻译文件有误"):
        catalogues.compile_all()


def test_the_catalogues_pass_msgfmt():
    if not shutil.which("msgfmt"):
        pytest.skip("gettext is not installed")
    for source in (install.CHECKOUT / "locale").rglob("*.po"):
        checked = subprocess.run(["msgfmt", "--check", "-o", os.devnull, source], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def test_the_folder_of_a_killed_run_is_removed_by_the_next_run(tmp_path):
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    (tmp_path / f"suite-{gone.pid}").mkdir()
    (tmp_path / f"suite-{os.getppid()}").mkdir()  # another run that still exists
    fresh = suite._create_run_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"suite-{os.getppid()}", fresh.name}


@pytest.mark.parametrize(
    ("arguments", "is_ci", "expected"),
    [
        (["tests/search", "-x"], False, [[NO_DRILLS, "tests/search", "-x"]]),
        (["tests/search"], True, [["--reruns", "1", NO_DRILLS, "tests/search"]]),
        (["./tests/drills/test_chaos.py"], False, [["./tests/drills/test_chaos.py"]]),
        (["--quick", "tests/search"], False, [["-m", "not browser and not long", NO_DRILLS, "tests/search"]]),
        (["--quick"], False, [["-m", "not browser and not long", NO_DRILLS, "-n", "3"]]),
        (["--coverage"], True, [["--cov", "--cov-report=term:skip-covered", "--reruns", "1", NO_DRILLS, "-n", "3"]]),
        ([], False, [[NO_DRILLS, "-n", "3"]]),
        ([], True, [["--reruns", "1", NO_DRILLS, "-n", "3"], ["--reruns", "1", "tests/drills", "-n", "3"]]),
    ],
)
def test_the_options_of_the_suite_become_calls_of_pytest(arguments, is_ci, expected, monkeypatch):
    monkeypatch.setattr(suite, "IS_CI", is_ci)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert suite.pytest_calls(arguments) == expected


def test_a_drill_that_ends_with_an_error_is_no_success(monkeypatch):
    codes = [1, 0]
    monkeypatch.setattr(suite, "run", lambda arguments: codes.pop(0))
    with pytest.raises(LauncherError, match="演练没有通过：tests/drills"):
        drills.run()
    monkeypatch.setattr(drills, "BENCHMARKS", {"演练": ("benchmarks.none",)})
    with pytest.raises(LauncherError, match="演练没有通过：演练"):
        drills.run()
    assert codes == []


def test_the_run_fails_if_the_suite_or_the_drills_fail(tmp_path, monkeypatch):
    """The drills run all the same when the suite has failed, and not when it was interrupted."""
    codes = {(0, 0): 0, (1, 0): 1, (0, 5): 5, (2,): 2}
    monkeypatch.setattr(suite, "IS_CI", True)
    monkeypatch.setattr(suite, "DATA", tmp_path / "data")
    monkeypatch.setattr(suite.engines, "engine_layout", lambda data: engines.EngineLayout(data, data, data, None))
    monkeypatch.setattr(suite.engines, "start", lambda *_args, **_options: {})
    for name in ("_install_system_packages", "_failed_checks"):
        monkeypatch.setattr(suite, name, lambda *_args: [])
    supervisor = mock.Mock()
    monkeypatch.setattr(suite, "Supervisor", lambda *_args, **_options: supervisor)
    for ended, code in codes.items():
        supervisor.run_in_foreground.side_effect = ended
        assert suite.run([]) == code
    assert supervisor.run_in_foreground.call_count == sum(map(len, codes))


def test_slow_checks_run_beside_the_others_and_their_failures_are_printed(tmp_path, monkeypatch, capsys):
    """In a fresh clone, where no bytecode of the tests is kept."""
    monkeypatch.setattr(suite, "CHECKOUT", tmp_path)
    monkeypatch.setattr(suite, "CHECKS", {suite.TYPES: ("types",), "代码检查": ("lint",)})
    supervisor = mock.Mock()
    supervisor.run_in_foreground.return_value = 0
    supervisor.wait_until_it_ends.side_effect = [1, 0]
    supervisor.log_tail.return_value = "    deals/views.py:3: error: wrong type"
    assert suite._failed_checks(supervisor, {}, [suite.MIGRATE]) == [suite.TYPES]
    calls = [(name, getattr(values[0], "command", values[0])) for name, values, _ in supervisor.mock_calls]
    assert [call for call in calls if call[0] != "log_tail"] == [
        ("start", ("types",)),
        ("start", suite.COLLECT[1]),
        ("run_in_foreground", ("lint",)),
        ("run_in_foreground", suite.MIGRATE[1]),
        ("wait_until_it_ends", "check-0"),
        ("wait_until_it_ends", "check-1"),
    ]
    assert "deals/views.py:3" in capsys.readouterr().out


def test_a_folder_in_the_navigation_stands_for_its_pages(tmp_path):
    for name in ("0002-b.md", "0001-a.md", "notes.txt"):
        (tmp_path / "decisions").mkdir(exist_ok=True)
        (tmp_path / "decisions" / name).write_text("")
    navigation = [{"Home": "index.md"}, {"Developers": [{"Decisions": "decisions/"}]}]
    assert documentation.expand(navigation, tmp_path) == [
        {"Home": "index.md"},
        {"Developers": [{"Decisions": ["decisions/0001-a.md", "decisions/0002-b.md"]}]},
    ]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A checkout with one migration, which imports a module of an application."""
    for name, text in {
        "requirements.txt": "django==5.2\n",
        "app/migrations/0001_initial.py": "import json\nfrom app.roles import grant\n",
        "app/roles.py": "grant = print\n",
        "app/views.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(template_cluster, "CHECKOUT", tmp_path)
    return tmp_path


def test_a_migrated_cluster_is_kept_until_its_sources_change(project):
    cluster = project / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("18")
    layout = engines.EngineLayout(project, project, project, None)

    def copied(name: str) -> bool:
        return TemplateCluster(layout).copy_to(project / name)

    assert not copied("first")
    TemplateCluster(layout).store(cluster)
    assert copied("second")
    assert (project / "second/PG_VERSION").read_text() == "18"
    (project / "app/views.py").write_text("# migrations do not import this file")
    assert copied("third")
    (project / "app/roles.py").write_text("grant = repr\n")
    assert not copied("fourth")
    TemplateCluster(layout).store(cluster)
    assert copied("fifth")
    assert len(list(project.glob("template-*"))) == 1  # the outdated template was removed


def test_without_a_readable_template_the_cluster_is_created_anew(project, monkeypatch):
    layout = engines.EngineLayout(project, project, project, None)
    (project / "cluster").mkdir()
    TemplateCluster(layout).store(project / "cluster")

    def copy_half(layout, source, target):
        target.mkdir()
        raise OSError("no space left")

    monkeypatch.setattr(engines, "copy_cluster", copy_half)
    assert not TemplateCluster(layout).copy_to(project / "copy")
    assert not (project / "copy").exists()


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A Debian without browser, fonts and gettext. Its apt-get records its arguments and installs nothing."""
    fake_python(tmp_path / "bin", "apt-get", f'echo "$@" >> {tmp_path}/asked')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(suite, "_is_installed", lambda package: False)
    return tmp_path / "asked"


def test_root_installs_the_system_packages(bare_machine, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    suite._install_system_packages()
    update, installed = bare_machine.read_text().splitlines()
    assert update.startswith("update")
    assert installed.endswith(
        "chromium-headless-shell fonts-noto-cjk gettext libpangoft2-1.0-0 nginx-light systemd pgbackrest"
    )


def test_other_users_get_one_line_per_missing_package(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    suite._install_system_packages()
    assert not bare_machine.exists()
    output = capsys.readouterr().out.splitlines()
    packages = ["chromium-headless-shell", "fonts-noto-cjk", "gettext", "libpangoft2-1.0-0", "nginx-light", "systemd"]
    packages.append("pgbackrest")
    for line, package in zip(output, packages, strict=True):
        assert line.endswith(f"请安装：apt-get install {package}")


# --- Processes -------------------------------------------------------------------------------------------------------
def launch(words: list[str]) -> subprocess.Popen:
    """Run bootstrap.py without the engines of this suite in its environment."""
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "bootstrap.py"), *words],
        env=own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes() -> dict[int, tuple[int, str]]:
    """Every process of the machine except zombies: id → (parent id, start time)."""
    running = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                running[int(folder.name)] = (int(words[1]), words[19])
    return running


def family(root: int) -> dict[int, str]:
    """A process and its descendants: id → start time, which tells a reused id from the process."""
    every = processes()
    members = {root}
    while True:
        more = {child for child, (parent, _) in every.items() if parent in members} - members
        if not more:
            return {member: every[member][1] for member in members if member in every}
        members |= more


def left_of(members: dict[int, str], *, seconds: float = 30) -> dict[int, str]:
    """The members that still exist after up to `seconds` of waiting."""
    until = time.monotonic() + seconds
    while True:
        every = processes()
        left = {member: start for member, start in members.items() if every.get(member, (0, ""))[1] == start}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.05)


def wait_for_line(process: subprocess.Popen, words: str) -> str:
    """Read lines until one contains `words`. Returns everything read."""
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return read
    raise AssertionError(f"ended without printing {words!r}:\n{read}")


def supervised(folder: Path, script: str) -> subprocess.Popen:
    """A process that owns a Supervisor, and a specification `tree` with a child and a grandchild."""
    code = f"""
        import sys, time
        from pathlib import Path
        from launcher import reaper, supervisor
        from launcher.supervisor import ProcessSpec, Supervisor
        folder = Path({str(folder)!r})
        stubborn = "sh -c 'trap \\"\\" TERM INT; sleep 1000; :'"
        tree = ProcessSpec("tree", "树", ("/bin/sh", "-c", "sleep 1000 & " + stubborn + " & wait"))
        reaper.GRACE = 2.0
        owner = Supervisor(folder)
        {textwrap.indent(textwrap.dedent(script), " " * 8).strip()}
    """
    return subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(code)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_no_process_outlives_the_supervisor_even_when_it_ignores_the_signal(tmp_path):
    """The four cases run in parallel, because each takes the whole `reaper.GRACE`."""
    stop_signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
    script = """
        owner.start(tree)
        time.sleep(0.5)
        print("up")
        try:
            time.sleep(1000)
        finally:
            owner.close()
        """
    owners = [supervised(tmp_path / number.name, script) for number in stop_signals]
    families = []
    for owner in owners:
        wait_for_line(owner, "up")
        families.append(family(owner.pid))
    # the supervisor, its reaper, the shell, its two children, the grandchild
    assert all(len(members) >= 6 for members in families)
    for owner, number in zip(owners, stop_signals, strict=True):
        owner.send_signal(number)
    for owner in owners:
        owner.communicate(timeout=60)
    left = {number: left_of(members) for number, members in zip(stop_signals, families, strict=True)}
    assert not any(left.values()), left


def test_exited_processes_are_restarted_and_repeated_exits_name_the_log(tmp_path):
    owner = supervised(
        tmp_path,
        """
        supervisor.WARN_AFTER_FAILURES = 3
        owner.start(ProcessSpec("weak", "体弱的进程", ("/bin/sh", "-c", "echo hello; exit 3")))
        while True:
            owner.watch()
            time.sleep(0.02)
        """,
    )
    output = wait_for_line(owner, "已连续退出 3 次")
    owner.kill()
    owner.communicate(timeout=60)
    assert output.count("体弱的进程意外退出（代码 3）") == 3
    assert str(tmp_path / "weak.log") in output
    assert (tmp_path / "weak.log").read_text() == "hello\n" * 3


def test_a_failed_step_raises_an_error_with_the_end_of_its_log(tmp_path):
    owner = supervised(
        tmp_path,
        """
        try:
            wrong = ProcessSpec("step", "这一步", ("/bin/sh", "-c", "echo why; exit 1"))
            owner.run_to_end(wrong, ProcessSpec("well", "好", ("/bin/true",)))
        except supervisor.LauncherError as error:
            print(error)
        owner.close()
        """,
    )
    output, _ = owner.communicate(timeout=60)
    assert "这一步失败" in output
    assert output.rstrip().endswith("why")


def test_a_killed_reaper_is_replaced_and_gets_the_whole_list(tmp_path):
    owner = supervised(
        tmp_path,
        """
        owner.start(tree)
        time.sleep(0.5)
        print(owner.reaper.pid)
        owner.reaper.wait()
        owner.watch()
        print("again")
        time.sleep(1000)
        """,
    )
    os.kill(int(owner.stdout.readline()), signal.SIGKILL)
    wait_for_line(owner, "again")
    members = family(owner.pid)
    owner.kill()
    owner.communicate(timeout=60)
    assert left_of(members) == {}
