"""Drills of growing past one machine: `python -m benchmarks.growth pooler|replica|hosts`.

Each starts an installation of its own, and prints one JSON line with what was done, what was counted, and seconds. It
ends with an error if a page failed, or if something was lost or doubled. `bootstrap.py test --drills` runs all three.

pooler   the chain from round to match, /healthz and 40 readers at a time, through PgBouncer in transaction mode with
         five connections of the server. Needs Debian's pgbouncer (installed as root).
replica  public pages from a second PostgreSQL that follows the first; then it falls behind, goes away and comes back,
         and the primary goes away.
hosts    workers on three hosts (network namespaces; needs root and iproute2). One is cut off in the middle of a run;
         compared with the same run undisturbed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from benchmarks.installation import Installation, installation, status, wait_for
from launcher import engines
from launcher.supervisor import ProcessSpec

POOL = 5
READERS, PAGES = 40, 400
MAX_LAG = 5
KEEPALIVES = ("tcp_keepalives_idle=5", "tcp_keepalives_interval=5", "tcp_keepalives_count=3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drill", choices=DRILLS)
    parser.add_argument("--achievements", type=int, default=500)
    parser.add_argument("--demands", type=int, default=400)
    options = parser.parse_args()
    with installation() as site:
        report = DRILLS[options.drill](site, options)
    print(json.dumps({"drill": options.drill, "load": round(os.getloadavg()[0]), **report}, ensure_ascii=False))
    if wrong := _wrong(report):
        raise SystemExit(f"the drill has failed: {', '.join(wrong)}")


def _wrong(report: dict) -> list[str]:
    """The names of what a report may not say."""
    wrong = [
        name
        for name, answers in report.items()
        if name.startswith("pages") and name != "pages_seconds" and set(answers) != {"200"}
    ]
    wrong += [name for name in ("lost", "doubled") if report.get(name, 0)]
    return wrong + [name for name, well in (("same_pairs", True), ("healthz", 200)) if report.get(name, well) != well]


def _program(name: str, package: str) -> str:
    if shutil.which(name) is None and os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=False)
    program = shutil.which(name) or (f"/usr/sbin/{name}" if Path(f"/usr/sbin/{name}").exists() else None)
    if program is None:
        raise SystemExit(f"{name} is not installed: apt-get install {package} (as root)")
    return program


def _query(url: str, statement: str) -> list[tuple]:
    with psycopg2.connect(url, connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


# --- PgBouncer -------------------------------------------------------------------------------------------------------
def drill_pooler(site: Installation, options: argparse.Namespace) -> dict:
    program = _program("pgbouncer", "pgbouncer")
    site.prepare(options.achievements, min(options.demands, 40))
    from django.conf import settings

    from dalian_techtransfer.replica_settings import role_options

    asked = role_options(settings.DATABASES["default"])
    for name, value in asked.items():
        _query(site.database_url, f"ALTER ROLE app SET {name} = '{value}'")
    pooled = {"DATABASE_URL": site.database_at(_start_pooler(site, program)), "DATABASE_DIRECT_URL": site.database_url}
    address = site.start_web(**pooled)
    site.start_worker("worker", **pooled)
    site.start_beat(**pooled)
    wait_for(lambda: status(address + "/healthz") == 200, "/healthz is well")
    began = time.monotonic()
    site.run("manage.py", "check_chain", "--timeout", "500", **pooled)
    chain = time.monotonic() - began
    paths = ["/", "/achievements/", "/demands/", "/api/v1/achievements/"]
    began = time.monotonic()
    with ThreadPoolExecutor(READERS) as readers:
        statuses = list(readers.map(lambda n: status(address + paths[n % 4]), range(PAGES)))
    seconds = time.monotonic() - began
    connections = _query(site.database_url, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")[0][0]
    answers = {str(code): statuses.count(code) for code in sorted(set(statuses))}
    return {
        "options_of_the_role": asked,
        "chain_seconds": round(chain, 1),
        "pages": answers,
        "pages_seconds": round(seconds, 1),
        "server_connections": connections,
        "pool": POOL,
        "healthz": status(address + "/healthz"),
    }


def _start_pooler(site: Installation, program: str) -> int:
    server, port = urlsplit(site.database_url), engines.free_port()
    folder = site.folder / "pgbouncer"
    folder.mkdir()
    (folder / "users").write_text(f'"{server.username}" "{server.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        "\n".join(
            [
                "[databases]",
                f"* = host=127.0.0.1 port={server.port}",
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                f"listen_port = {port}",
                "unix_socket_dir =",
                "auth_type = scram-sha-256",
                f"auth_file = {folder / 'users'}",
                "pool_mode = transaction",
                f"default_pool_size = {POOL}",
                "max_client_conn = 500",
                "",
            ]
        )
    )
    account = site.layout.account
    for path in (folder, folder / "users", folder / "pgbouncer.ini"):
        if account:
            os.chown(path, *account)
    command = (program, str(folder / "pgbouncer.ini"))
    site.supervisor.start(ProcessSpec("pgbouncer", "PgBouncer", command, folder=Path("/"), account=account))
    wait_for(lambda: _is_open(port), "PgBouncer listens")
    return port


def _is_open(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# --- Read replica ----------------------------------------------------------------------------------------------------
def drill_replica(site: Installation, options: argparse.Namespace) -> dict:
    site.prepare(options.achievements, min(options.demands, 40))
    port = _start_replica(site)
    replica = site.database_at(port)
    address = site.start_web(REPLICA_URL=replica, REPLICA_MAX_LAG=str(MAX_LAG), METRICS_TOKEN="drill")
    pages = ["/achievements/", "/demands/"]

    def reads_replica() -> bool:
        """Whether the replica has carried out statements for a public page."""
        before = _scans(replica)
        statuses.extend(status(address + page) for page in pages)
        return _is_soon(lambda: _scans(replica) > before)

    statuses: list[int] = []
    report: dict = {}
    report["used_after_seconds"] = round(wait_for(reads_replica, "pages read the replica"), 1)
    _query(replica, "SELECT pg_wal_replay_pause()")
    _query(site.database_url, "CREATE TABLE of_the_drill (n int)")
    report["unused_when_behind_after"] = round(wait_for(lambda: not reads_replica(), "pages leave the replica"), 1)
    _query(replica, "SELECT pg_wal_replay_resume()")
    report["used_again_after"] = round(wait_for(reads_replica, "pages read the replica again"), 1)
    report["pages_while_behind"] = _counted(statuses)
    statuses.clear()
    spec = site.supervisor.running["replica"].spec
    site.supervisor.stop("replica")
    statuses.extend(status(address + pages[n % 2]) for n in range(20))
    report["pages_while_replica_away"] = _counted(statuses)
    site.supervisor.start(spec)
    statuses.clear()
    wait_for(lambda: _answers(replica), "the replica answers")
    report["used_after_return"] = round(wait_for(reads_replica, "pages read the replica after its return"), 1)
    report["pages_after_return"] = _counted(statuses)
    return report


def _counted(statuses: list[int]) -> dict[str, int]:
    return {str(code): statuses.count(code) for code in sorted(set(statuses))}


def _answers(url: str) -> bool:
    try:
        _query(url, "SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


def _is_soon(condition, seconds: float = 3.0) -> bool:
    """The server writes its counters a moment after a transaction."""
    try:
        wait_for(condition, "", seconds)
    except TimeoutError:
        return False
    return True


def _scans(url: str) -> int:
    """Rows read from the registry's tables; looking does not change it."""
    names = "('achievements_achievement', 'demands_demand')"
    counted = "COALESCE(sum(seq_scan + idx_scan), 0)"
    return int(_query(url, f"SELECT {counted} FROM pg_stat_user_tables WHERE relname IN {names}")[0][0])


def _start_replica(site: Installation) -> int:
    server, port = urlsplit(site.database_url), engines.free_port()
    folder, account = site.folder / "replica", site.layout.account
    folder.mkdir(mode=0o700)
    if account:
        os.chown(folder, *account)
    copy = (str(site.layout.postgres / "pg_basebackup"), "-D", str(folder), "-R", "-X", "stream", "-c", "fast")
    copy += ("-h", "127.0.0.1", "-p", str(server.port), "-U", str(server.username))
    password = {"PGPASSWORD": str(server.password)}
    site.supervisor.run_to_end(ProcessSpec("basebackup", "copy", copy, password, folder=Path("/"), account=account))
    command = (str(site.layout.postgres / "postgres"), "-D", str(folder), "-c", f"port={port}")
    command += ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
    site.supervisor.start(ProcessSpec("replica", "replica", command, folder=Path("/"), account=account))
    wait_for(lambda: _answers(site.database_at(port)), "the replica answers")
    return port


# --- Three hosts -----------------------------------------------------------------------------------------------------
def drill_hosts(site: Installation, options: argparse.Namespace) -> dict:
    if os.getuid() != 0:
        raise SystemExit("network namespaces need root")
    ip = _program("ip", "iproute2")
    hosts = [Host(ip, number) for number in range(3)]
    if not hosts[0].is_possible():
        return {"left_out": "no network namespaces here (a container without the right to make them)"}
    try:
        for host in hosts:
            host.create()
        _open_engines(site)
        site.prepare(options.achievements, options.demands)
        from django.db import connection

        for host in hosts:
            site.start_worker(
                host.name,
                *host.enter,
                DATABASE_URL=site.database_at(_port(site), host.outside),
                REDIS_URL=site.redis_at(host.outside),
            )
        site.start_beat()
        undisturbed, seconds = _run_to_end(lambda run: None)
        cut_at: list[float] = []

        def cut(run) -> None:
            """In the middle of a chunk of its worker, whose rows are locked then."""
            if not cut_at and _is_in_a_chunk(site, hosts[2]):
                hosts[2].cut_off()
                cut_at.append(time.monotonic())

        disturbed, disturbed_seconds = _run_to_end(cut)
        after_cut = time.monotonic() - cut_at[0]
        hosts[2].join_again()
        third, _seconds = _run_to_end(lambda run: None)
        workers = _finished_by(site, hosts)
        connection.close()
    finally:
        for host in hosts:
            host.remove()
    return {
        "chunks": disturbed["chunks"],
        "matches": [undisturbed["matches"], disturbed["matches"], third["matches"]],
        "same_pairs": undisturbed["pairs"] == disturbed["pairs"] == third["pairs"],
        "lost": len(undisturbed["pairs"] - disturbed["pairs"]),
        "doubled": disturbed["matches"] - len(disturbed["pairs"]),
        "chunks_tried_twice": disturbed["tried_twice"],
        "seconds_undisturbed": round(seconds, 1),
        "seconds_with_cut": round(disturbed_seconds, 1),
        "seconds_from_cut_to_end": round(after_cut, 1),
        "chunks_by_host": workers,
        "server": KEEPALIVES,
    }


def _is_in_a_chunk(site: Installation, host: "Host") -> bool:
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE client_addr = '{}' AND now() - xact_start > interval '0.3 seconds'"
    )
    return bool(_query(site.database_url, statement.format(host.inside))[0][0])


def _open_engines(site: Installation) -> None:
    """For the hosts' addresses, with the password as before."""
    import redis

    with open(site.folder / "postgresql" / "pg_hba.conf", "a", encoding="ascii") as file:
        file.write("host all all 10.231.0.0/16 scram-sha-256\n")
    site.restart_postgres("listen_addresses=*", *KEEPALIVES)
    with redis.Redis.from_url(site.redis_url) as broker:
        broker.config_set("bind", "0.0.0.0")  # until the drill ends, with a password


def _port(site: Installation) -> int:
    return urlsplit(site.database_url).port or 5432


def _run_to_end(look) -> tuple[dict, float]:
    """Start a run, call `look` with it again and again, and return what it has made."""
    from matching.models import Match, MatchRun
    from matching.services.runs import start_run

    run = start_run("drill", by=None)
    began = time.monotonic()

    def is_done() -> bool:
        look(run)
        return MatchRun.objects.filter(pk=run.pk, finished_at__isnull=False).exists()

    wait_for(is_done, "the run is done", 1800)
    pairs = list(Match.objects.filter(run=run).values_list("demand_id", "achievement_id", "rank"))
    chunks = list(run.chunks.values_list("attempts", flat=True))
    made = {
        "pairs": set(pairs),
        "matches": len(pairs),
        "chunks": len(chunks),
        "tried_twice": sum(n > 1 for n in chunks),
    }
    return made, time.monotonic() - began


def _finished_by(site: Installation, hosts: list["Host"]) -> dict[str, int]:
    logs = {host.name: (site.supervisor.logs / f"{host.name}.log").read_text(errors="replace") for host in hosts}
    return {name: len(re.findall(r"match_chunk\[[^\]]+\] succeeded", text)) for name, text in logs.items()}


class Host:
    """A network namespace with one cable to this machine."""

    def __init__(self, ip: str, number: int) -> None:
        self.ip, self.name = ip, f"drill{os.getpid() % 10_000}h{number}"
        self.cable = f"v{os.getpid() % 10_000}h{number}"
        self.outside, self.inside = f"10.231.{number}.1", f"10.231.{number}.2"
        self.enter = (ip, "netns", "exec", self.name)

    def _ip(self, *arguments: str) -> None:
        subprocess.run([self.ip, *arguments], check=True)

    def is_possible(self) -> bool:
        made = subprocess.run([self.ip, "netns", "add", self.name], check=False, capture_output=True)
        self.remove()
        return made.returncode == 0

    def create(self) -> None:
        self._ip("netns", "add", self.name)
        self._ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        self._ip("addr", "add", f"{self.outside}/30", "dev", self.cable)
        self._ip("link", "set", self.cable, "up")
        for arguments in (("addr", "add", f"{self.inside}/30", "dev", "eth0"), ("link", "set", "eth0", "up")):
            self._ip("-n", self.name, *arguments)
        self._ip("-n", self.name, "link", "set", "lo", "up")

    def cut_off(self) -> None:
        self._ip("link", "set", self.cable, "down")

    def join_again(self) -> None:
        self._ip("link", "set", self.cable, "up")

    def remove(self) -> None:
        for arguments in (("link", "del", self.cable), ("netns", "del", self.name)):
            subprocess.run([self.ip, *arguments], check=False, capture_output=True)


DRILLS = {"pooler": drill_pooler, "replica": drill_replica, "hosts": drill_hosts}

if __name__ == "__main__":
    main()
