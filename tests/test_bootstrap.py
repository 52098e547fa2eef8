"""bootstrap.py: what it finds, what it starts, and that it leaves nothing behind.

Processes are looked at from outside: each test that starts some runs the launcher as a process of its own.
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

import pytest
from django.conf import settings

import bootstrap
from launcher import catalogues, engines, install, installation, interpreter, suite
from launcher.installation import Installation
from launcher.places import Refusal

ROOT = Path(settings.BASE_DIR)
EARLY = ["bootstrap", "launcher", "launcher.places", "launcher.interpreter", "launcher.install"]
"""What runs before there is an environment."""


def source_of(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


# --- Before the environment ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("module", EARLY)
def test_before_the_environment_only_the_standard_library_and_old_syntax(module):
    tree = ast.parse(source_of(module), feature_version=(3, 8))
    for node in tree.body:  # imports inside functions come later
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names or any(name.startswith(early) for early in EARLY)


def test_no_application_knows_the_launcher():
    apps = [name for name in (*settings.INSTALLED_APPS, "sheets", "dalian_techtransfer") if (ROOT / name).is_dir()]
    files = [file for app in apps for file in (ROOT / app).rglob("*.py")]
    assert len(files) > 50
    assert not [file for file in files if re.search(r"^\s*(from|import) launcher\b", file.read_text(), re.MULTILINE)]


def test_words_after_test_and_manage_are_passed_on_untouched():
    assert bootstrap.parse(["test", "-x", "--port", "1", "-h"]).rest == ["-x", "--port", "1", "-h"]
    assert bootstrap.parse(["manage", "import_achievements", "表.xlsx", "--by", "u"]).rest[1:] == [
        "表.xlsx",
        "--by",
        "u",
    ]
    assert bootstrap.parse(["demo", "--once", "--port", "8001"]).port == 8001


@pytest.mark.parametrize("words", [[], ["dmeo"], ["demo", "--prot", "1"], ["demo", "--port", "x"]])
def test_a_command_mistyped_is_refused(words, capsys):
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
def test_a_python_that_does_not_answer_well_is_passed_over(tmp_path, script):
    assert interpreter.probe(fake_python(tmp_path, "python3.13", script)) is None


def test_a_python_that_runs_is_asked_for_its_real_place():
    found = interpreter.probe(sys.executable)
    assert (found.path, found.version) == (sys.executable, sys.version_info[:2])


def test_the_first_python_that_works_is_taken(tmp_path, monkeypatch):
    broken = fake_python(tmp_path, "broken", "exit 1")
    without_venv = fake_python(tmp_path, "bare", "echo 3 13 0 1 /bare")
    whole = fake_python(tmp_path, "whole", "echo 3 12 1 1 /whole")
    monkeypatch.setattr(interpreter, "candidates", lambda: [broken, without_venv, whole])
    assert interpreter.find(None).path == "/whole"
    assert interpreter.find("/usr/bin/uv").path == "/bare"  # uv makes environments by itself


def test_without_a_fitting_python_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(interpreter, "candidates", lambda: [fake_python(tmp_path, "bare", "echo 3 13 0 1 /bare")])
    with pytest.raises(Refusal, match=r"apt-get install python3\.13-venv$"):
        interpreter.find(None)
    monkeypatch.setattr(interpreter, "candidates", lambda: [fake_python(tmp_path, "old", "echo 3 9 1 1 /old")])
    with pytest.raises(Refusal, match=r"3\.12 或更新版本"):
        interpreter.find(None)


def test_pythons_of_version_managers_are_tried(tmp_path, monkeypatch):
    pyenv = fake_python(tmp_path / "pyenv/versions/3.13.9/bin", "python3.13", "")
    uv = fake_python(tmp_path / "uv/cpython-3.12/bin", "python3.12", "")
    on_path = fake_python(tmp_path / "path", "python3.13", "")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    tried = interpreter.candidates()
    assert {pyenv, uv, on_path} <= set(tried)
    assert tried.index(on_path) < tried.index(pyenv) < tried.index(uv)


def test_requirements_are_installed_again_only_when_their_wording_changes(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    fake_python(tmp_path / "bin", "python", "exit 0")
    for name in ("CHECKOUT", "ENVIRONMENT"):
        monkeypatch.setattr(install, name, tmp_path)
    monkeypatch.setattr(install, "PYTHON", tmp_path / "bin/python")
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed.json")
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    assert install._missing(install.RUN) == ["requirements.txt"]
    install.STAMP.write_text(json.dumps(install._wanted(install.RUN)))
    assert install._missing(install.RUN) == []
    (tmp_path / "requirements.txt").write_text("django==5.2.1\n")
    assert install._missing(install.RUN) == ["requirements.txt"]
    install.STAMP.write_text(json.dumps(install._wanted(install.RUN)))
    (tmp_path / "bin/python").unlink()  # the system's Python was replaced
    assert install._missing(install.RUN) == ["requirements.txt"]


# --- The data folder -------------------------------------------------------------------------------------------------
def test_a_second_start_on_the_same_data_is_refused_politely(tmp_path):
    first, second = Installation(tmp_path / "data"), Installation(tmp_path / "data")
    first.hold()
    first.announce("http://127.0.0.1:1234", {"SECRET_KEY": "x"})
    with pytest.raises(Refusal, match=f"演示已在运行（进程 {os.getpid()}，http://127.0.0.1:1234）"):
        second.hold()
    assert second.running()["environment"] == {"SECRET_KEY": "x"}
    os.close(first.lock)
    assert second.running() == {}
    second.hold()
    os.close(second.lock)


def test_what_is_secret_is_readable_by_its_owner_only(tmp_path):
    place = Installation(tmp_path / "data")
    place.hold()
    assert place.secret_key() == place.secret_key()
    place.announce("http://127.0.0.1:1", {})
    place.move_to("http://127.0.0.1:1")
    for name in ("secret_key", "running.json", "demo_logins.json"):
        assert (place.data / name).stat().st_mode & 0o777 == 0o600
    os.close(place.lock)


def test_a_new_port_changes_the_address_of_the_logins_and_nothing_else(tmp_path):
    place = Installation(tmp_path)
    logins = [{"role": "市级专员", "username": "u", "password": "p", "start_page": "/"}]
    place.logins.write_text(json.dumps({"address": "http://127.0.0.1:1", "logins": logins}))
    place.move_to("http://127.0.0.1:2")
    assert json.loads(place.logins.read_text()) == {"address": "http://127.0.0.1:2", "logins": logins}


def test_a_step_is_done_again_when_what_it_is_made_from_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    monkeypatch.setattr(installation, "COLLECTED", tmp_path / "collected.json")
    migrations, city, static = (tmp_path / name for name in ("app/migrations", "demo_city", "static"))
    for folder in (migrations, city, static, tmp_path / "staticfiles", tmp_path / "data"):
        folder.mkdir(parents=True)
    place = Installation(tmp_path / "data")
    assert place.stale("cluster") == ["database", "demo", "static"]
    place.logins.write_text("{}")
    place.prepared("cluster")
    assert place.stale("cluster") == []
    (migrations / "0002_more.py").write_text("")
    assert place.stale("cluster") == ["database"]
    place.prepared("cluster")
    (city / "firms.jsonl").write_text("{}")
    (static / "site.css").write_text("")
    assert place.stale("cluster") == ["demo", "static"]
    place.prepared("cluster")
    place.logins.unlink()
    assert place.stale("cluster") == ["demo"]
    place.logins.write_text("{}")
    assert place.stale("another cluster") == ["database", "demo"]
    place.prepared(None)  # a server that is not ours: nothing is known of it
    assert place.stale(None) == ["database", "demo"]
    place.forget_prepared()
    assert place.stale("cluster") == ["database", "demo"]


def test_clearing_keeps_the_lock_that_is_held(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "ELSEWHERE", tmp_path / "outside")
    place = Installation(tmp_path / "data")
    place.hold()
    place.secret_key()
    (place.data / "media").mkdir()
    engines.outside(place.data).mkdir(parents=True)
    place.clear()
    assert [path.name for path in place.data.iterdir()] == ["lock"]
    assert not engines.outside(place.data).exists()
    os.close(place.lock)


def test_clearing_asks_first(tmp_path):
    """No terminal to answer at: nothing is removed."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/kept").write_text("x")
    done = launch(["demo", "--reset", "--data", str(tmp_path / "data")])
    assert "已取消，什么都没有删除" in done.communicate(timeout=60)[0]
    assert done.returncode == 1
    assert (tmp_path / "data/kept").exists()


def test_a_folder_that_somebody_else_may_write_is_not_trusted(tmp_path, monkeypatch):
    folder = tmp_path / "guessed"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(Refusal, match="不是本程序建立的目录"):
        engines._own_folder(folder)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(Refusal, match="不是本程序建立的目录"):
        engines._own_folder(folder)
    folder.unlink()
    assert engines._own_folder(folder).stat().st_mode & 0o777 == 0o711
    assert engines._own_folder(folder) == folder  # the second time it is known


def test_a_port_in_use_is_not_taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(OSError):
            engines.free_port(server.getsockname()[1])
        assert engines.free_port() != server.getsockname()[1]


def test_translations_are_compiled_when_they_are_newer(tmp_path, monkeypatch):
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
    with pytest.raises(Refusal, match="翻译文件有误"):
        catalogues.compile_all()


def test_the_catalogues_pass_the_strict_check():
    if not shutil.which("msgfmt"):
        pytest.skip("gettext is not installed")
    for source in (install.CHECKOUT / "locale").rglob("*.po"):
        checked = subprocess.run(["msgfmt", "--check", "-o", os.devnull, source], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def test_a_run_that_was_killed_leaves_a_folder_that_the_next_one_removes(tmp_path):
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    (tmp_path / f"suite-{gone.pid}").mkdir()
    (tmp_path / f"suite-{os.getppid()}").mkdir()  # another run that goes on
    fresh = suite._fresh_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"suite-{os.getppid()}", fresh.name}


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A Debian without browser, fonts and gettext, whose apt-get writes down what it was asked and installs nothing."""
    fake_python(tmp_path / "bin", "apt-get", f'echo "$@" >> {tmp_path}/asked')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(suite, "_present", lambda package: False)
    return tmp_path / "asked"


def test_root_installs_what_the_suite_needs(bare_machine, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    suite._complete_the_machine()
    update, installed = bare_machine.read_text().splitlines()
    assert update.startswith("update")
    assert installed.endswith("chromium fonts-noto-cjk gettext libpangoft2-1.0-0")


def test_others_are_told_one_line_per_thing(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    suite._complete_the_machine()
    assert not bare_machine.exists()
    said = capsys.readouterr().out.splitlines()
    for line, package in zip(said, ["chromium", "fonts-noto-cjk", "gettext", "libpangoft2-1.0-0"], strict=True):
        assert line.endswith(f"请安装：apt-get install {package}")


# --- Processes -------------------------------------------------------------------------------------------------------
def launch(words: list[str]) -> subprocess.Popen:
    """bootstrap.py as a person starts it: without this suite's engines in its environment."""
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
    """Every living process of the machine: id → parent and moment of its start."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                found[int(folder.name)] = (int(words[1]), words[19])
    return found


def family(root: int) -> dict[int, str]:
    """A process and everything below it: id → moment of its start, so that an id used again is not taken for it."""
    every = processes()
    members = {root}
    while True:
        more = {child for child, (parent, _) in every.items() if parent in members} - members
        if not more:
            return {member: every[member][1] for member in members if member in every}
        members |= more


def left_of(members: dict[int, str], *, seconds: float = 30) -> dict[int, str]:
    """Those that still live after waiting for them to end."""
    until = time.monotonic() + seconds
    while True:
        every = processes()
        left = {member: start for member, start in members.items() if every.get(member, (0, ""))[1] == start}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.05)


def wait_for_line(process: subprocess.Popen, words: str) -> str:
    """Read on until a line holds `words`; all that was read."""
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return read
    raise AssertionError(f"ended without saying {words!r}:\n{read}")


def supervised(folder: Path, script: str) -> subprocess.Popen:
    """A process that owns a Supervisor, and a program `tree` that has a child and a grandchild of its own."""
    code = f"""
        import sys, time
        from pathlib import Path
        from launcher import keeper, supervisor
        from launcher.supervisor import Program, Supervisor
        folder = Path({str(folder)!r})
        stubborn = "sh -c 'trap \\"\\" TERM INT; sleep 1000; :'"
        tree = Program("tree", "树", ("/bin/sh", "-c", "sleep 1000 & " + stubborn + " & wait"))
        boss = Supervisor(folder)
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
def test_nothing_outlives_the_supervisor_not_even_who_ignores_the_signal(tmp_path):
    """Side by side, since each takes the whole grace that is given to the stubborn."""
    wishes = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
    script = """
        boss.start(tree)
        time.sleep(0.5)
        print("up")
        try:
            time.sleep(1000)
        finally:
            boss.close()
        """
    bosses = [supervised(tmp_path / wish.name, script) for wish in wishes]
    families = []
    for boss in bosses:
        wait_for_line(boss, "up")
        families.append(family(boss.pid))
    # the supervisor, its keeper, the shell, its two children, the stubborn one's child
    assert all(len(members) >= 6 for members in families)
    for boss, wish in zip(bosses, wishes, strict=True):
        boss.send_signal(wish)
    for boss in bosses:
        boss.communicate(timeout=60)
    left = {wish: left_of(members) for wish, members in zip(wishes, families, strict=True)}
    assert not any(left.values()), left


def test_what_dies_is_started_again_and_what_keeps_dying_is_named_with_its_log(tmp_path):
    boss = supervised(
        tmp_path,
        """
        supervisor.TOO_OFTEN = 3
        boss.start(Program("weak", "体弱的进程", ("/bin/sh", "-c", "echo hello; exit 3")))
        while True:
            boss.watch()
            time.sleep(0.02)
        """,
    )
    said = wait_for_line(boss, "已连续退出 3 次")
    boss.kill()
    boss.communicate(timeout=60)
    assert said.count("体弱的进程意外退出（代码 3）") == 3
    assert str(tmp_path / "weak.log") in said
    assert (tmp_path / "weak.log").read_text() == "hello\n" * 3


def test_a_failed_step_is_refused_with_the_end_of_its_log(tmp_path):
    boss = supervised(
        tmp_path,
        """
        try:
            wrong = Program("step", "这一步", ("/bin/sh", "-c", "echo why; exit 1"))
            boss.finish(wrong, Program("well", "好", ("/bin/true",)))
        except supervisor.Refusal as refusal:
            print(refusal)
        boss.close()
        """,
    )
    said, _ = boss.communicate(timeout=60)
    assert "这一步失败" in said
    assert said.rstrip().endswith("why")


def test_a_killed_keeper_is_replaced_and_told_of_everything(tmp_path):
    boss = supervised(
        tmp_path,
        """
        boss.start(tree)
        time.sleep(0.5)
        print(boss.keeper.pid)
        boss.keeper.wait()
        boss.watch()
        print("again")
        time.sleep(1000)
        """,
    )
    os.kill(int(boss.stdout.readline()), signal.SIGKILL)
    wait_for_line(boss, "again")
    members = family(boss.pid)
    boss.kill()
    boss.communicate(timeout=60)
    assert left_of(members) == {}
