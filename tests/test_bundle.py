"""The offline bundle. `bootstrap.py test --bundle` installs one without a network; here its rules."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from launcher import bundle


@pytest.fixture
def unpacked(tmp_path):
    """A bundle of two small files, unpacked."""
    (tmp_path / "manage.py").write_text("print('manage')\n")
    (tmp_path / "a.whl").write_bytes(b"wheel")
    top = "dalian-techtransfer-1.0-cp399-linux_x86_64"
    files = {"manage.py": tmp_path / "manage.py", "wheels/a.whl": tmp_path / "a.whl"}
    bundle.write(tmp_path / "bundle.tar.gz", top, files)
    with tarfile.open(tmp_path / "bundle.tar.gz") as archive:
        assert {entry.uname for entry in archive} <= {"root", ""}
        archive.extractall(tmp_path / "out", filter="data")
    return tmp_path / "out" / top


def install(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = ["sh", folder / "install.sh", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_changed_file_is_named_and_nothing_is_installed(unpacked, tmp_path):
    (unpacked / "wheels/a.whl").write_bytes(b"other")
    result = install(unpacked, str(tmp_path / "target"))
    assert result.returncode == 1
    assert "wheels/a.whl" in result.stdout + result.stderr
    assert "请重新传输安装包" in result.stderr
    assert not (tmp_path / "target").exists()


def test_another_python_than_the_wheels_are_for_is_refused(unpacked, tmp_path):
    result = install(unpacked, str(tmp_path / "target"))
    assert result.returncode == 1
    assert "这个安装包用于 Python 3.99" in result.stderr
    assert not (tmp_path / "target").exists()


def test_it_asks_for_a_folder(unpacked):
    assert "用法" in install(unpacked).stderr


def test_it_holds_what_a_server_needs_and_no_secret():
    names = {name for name, _ in bundle.sources()}
    assert {"manage.py", "requirements.txt", "deploy/systemd/dalian-techtransfer-web.service"} <= names
    assert {"docs/operations/server.md", "launcher/catalogues.py", ".env.example"} <= names
    tops = {name.partition("/")[0] for name in names}
    assert not tops & {".env", ".data", ".venv", ".git", "tests", "benchmarks"}
