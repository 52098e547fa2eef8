"""Two web processes as in production: sums over both in /metrics, JSON lines with the ids that the answers carry."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from launcher.engines import free_port
from tests.waiting import wait_until

pytestmark = [pytest.mark.long, pytest.mark.django_db]
TOKEN = "a-long-token"
AT_A_TIME = 8


def get(address: str) -> tuple[str, dict[str, str]]:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return answer.read().decode(), dict(answer.headers)


@pytest.fixture
def site(tmp_path):
    """(address of a site with two processes, file of its log)"""
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(
            urlsplit(os.environ["DATABASE_URL"])._replace(path=connection.settings_dict["NAME"])
        ),
        "METRICS_TOKEN": TOKEN,
        "METRICS_FOLDER": str(tmp_path / "metrics"),
        "LOG_FORMAT": "json",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "True",  # static files need not be collected
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:dalian_techtransfer.web_workers"]
    command += ["-w", "2", "--preload", "--timeout", "600"]  # loaded once, as by deploy/systemd
    command += ["-b", f"127.0.0.1:{port}", "--no-control-socket", "dalian_techtransfer.wsgi"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)
        try:
            yield f"http://127.0.0.1:{port}", log
        finally:
            server.terminate()
            server.wait(60)


def answers(address: str) -> bool:
    try:
        return bool(get(address + "/help/"))
    except (URLError, OSError):
        return False


def test_sums_of_all_processes_and_lines_of_each(site):
    address, log = site
    wait_until(lambda: answers(address), seconds=400)
    pids: set[str] = set()
    ids = []

    def all_processes_have_answered() -> bool:
        with ThreadPoolExecutor(AT_A_TIME) as pool:  # one after the other would reach the same process
            pages = pool.map(get, [address + "/help/?q=secret-words"] * AT_A_TIME)
            ids.extend(headers["X-Request-ID"] for _text, headers in pages)
        pids.update(re.findall(r'resident_bytes\{kind="web",pid="(\d+)"\}', get(address + "/metrics")[0]))
        return len(pids) == 2

    wait_until(all_processes_have_answered, seconds=400)
    text = get(address + "/metrics")[0]
    (number,) = re.findall(r'requests_total\{method="GET",route="help",status="200"\} (\d+)', text)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    of_pages = [line for line in lines if line.get("route") == "help"]
    assert int(number) == len(of_pages)
    assert {line["request_id"] for line in of_pages} >= set(ids)
    assert {str(line["process"]) for line in of_pages} == pids
    assert "secret-words" not in log.read_text()
    assert any(line["logger"] == "gunicorn.error" for line in lines)
    assert [line for line in log.read_text().splitlines() if "gunicorn" in line and not line.startswith("{")] == []
