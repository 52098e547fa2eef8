"""Copies of public pages that the processes of one web server share."""

import os
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from achievements.services.lifecycle import withdraw_achievement
from dalian_techtransfer import web_workers
from portal.public_copies.changes import ReadBefore, is_current, read_snapshot
from portal.public_copies.copies import COPIES, PublicCopy
from portal.public_copies.registry import DAY_PAGES
from portal.public_copies.shared import PREFIX, SHARED, SharedCopies
from portal.related_rows import KINDS
from portfolio.services.view_counts import store_views
from tests import factories as make
from tests.portal.test_public_copies import read, text

SERVER = SimpleNamespace(cfg=SimpleNamespace(preload_app=False))


@pytest.fixture
def _server(tmp_path, monkeypatch):
    """As in the processes of a web server."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    web_workers.on_starting(SERVER)
    yield
    web_workers.on_exit(SERVER)
    assert list(tmp_path.iterdir()) == []


def read_in_another_process(path: str, **headers: str):
    COPIES.clear()
    return read(path, **headers)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_server")
def test_a_page_is_rendered_once_for_all_processes():
    achievement = make.achievement(title="看得见的成果")
    path = reverse("achievement_detail", args=[achievement.public_id])
    first = read(path)
    assert first["Cache-Status"] == "public-copies; fwd=uri-miss; stored"
    with CaptureQueriesContext(connection) as queries:
        second = read_in_another_process(path)
    assert second["Cache-Status"] == "public-copies; hit; detail=shared" and len(queries) == 1
    assert second.content_as_sent == first.content_as_sent
    changing = ("Cache-Status", "X-Request-ID")
    assert {k: v for k, v in second.items() if k not in changing} == {
        k: v for k, v in first.items() if k not in changing
    }
    assert read(path)["Cache-Status"] == "public-copies; hit"
    not_modified = read_in_another_process(path, **{"If-None-Match": first["ETag"]})
    assert not_modified.status_code == 304 and "hit" in not_modified["Cache-Status"]
    Client(REMOTE_ADDR="10.0.0.1").get(path, headers={"User-Agent": "Mozilla/5.0"})
    assert store_views() == 2, "readers of a shared copy are counted"

    Achievement.objects.filter(pk=achievement.pk).update(title="后来的名称")
    changed = read_in_another_process(path)
    assert changed["Cache-Status"] == "public-copies; fwd=stale; stored" and "后来的名称" in text(changed)
    withdraw_achievement(achievement, by=make.city_officer(), reason="重复")
    assert read_in_another_process(path).status_code == 404
    kept = b"".join(file.read_bytes() for file in SHARED.folder.iterdir())
    assert "后来的名称".encode() not in kept and SHARED.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_server")
def test_the_newer_copy_of_another_process_is_taken():
    achievement = make.achievement(title="原来的名称")
    path = reverse("achievement_detail", args=[achievement.public_id])
    read(path)
    (old,) = COPIES._copies.items()
    Achievement.objects.filter(pk=achievement.pk).update(title="后来的名称")
    read_in_another_process(path)
    COPIES.clear()
    COPIES.keep(*old, most_bytes=10**6)  # as in the first process, which has not looked since
    answer = read(path)
    assert "detail=shared" in answer["Cache-Status"] and "后来的名称" in text(answer)


@pytest.mark.usefixtures("_server")
def test_the_folder_keeps_so_many_bytes_and_the_latest_used():
    copy = PublicCopy(b"x" * 3000, False, {}, (ReadBefore("1:1:", frozenset({"a"})),), time.monotonic() + 60)
    most = 64 * 4096
    for number in range(60):
        SHARED.keep(number, copy, most_bytes=most)
        os.utime(SHARED._file(SHARED.folder, number), (number, number))
    assert SHARED.get(0) == copy  # used again
    for number in range(60, 80):
        SHARED.keep(number, copy, most_bytes=most)
    size = sum(4096 for file in SHARED.folder.iterdir() if file.stat().st_size)
    assert size <= most * 17 / 16 and SHARED.get(0) == SHARED.get(79) == copy and SHARED.get(1) is None
    SHARED.keep("none", copy, most_bytes=0)
    assert SHARED.get("none") is None


def test_what_a_killed_server_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    running = os.getppid()
    (tmp_path / "outside").mkdir()
    for name in (
        f"{PREFIX}{ended.pid}-a",
        f"{PREFIX}{os.getpid()}-b",
        f"{PREFIX}{running}-c",
        f"{PREFIX}word",
        "other",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / f"{PREFIX}{ended.pid}-link").symlink_to(tmp_path / "outside")
    copies = SharedCopies()
    copies.open()
    left = {path.name for path in tmp_path.iterdir()} - {copies.folder.name}
    assert left == {f"{PREFIX}{running}-c", f"{PREFIX}{ended.pid}-link", f"{PREFIX}word", "other", "outside"}
    copies.close()
    assert not copies.folder and copies.get("page") is None
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    copies.open()  # a server that finds no place starts all the same
    assert not copies.folder


@pytest.mark.django_db(transaction=True)
def test_what_depends_on_the_day_alone_is_kept_longer(settings, monkeypatch):
    """At another hour of the day such a page is the same, with rows of each kind that it shows."""
    achievement = make.achievement()
    docking_round = make.docking_round()
    docking_round.featured.add(achievement)
    make.demand(industry=achievement.industry, is_anonymous=False)
    assert {"achievement_detail"} == DAY_PAGES
    path = reverse("achievement_detail", args=[achievement.public_id])
    page = text(read(path))
    (copy,) = COPIES._copies.values()
    assert copy.ends_at > time.monotonic() + settings.PUBLIC_COPY_SECONDS * 2
    COPIES.clear()
    other_hour = timezone.localtime().replace(hour=0 if timezone.localtime().hour > 11 else 23, minute=30)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: other_hour)
        assert text(read(path)) == page
    COPIES.clear()
    read("/")  # asks for rounds that have not ended
    (copy,) = COPIES._copies.values()
    assert copy.ends_at <= time.monotonic() + settings.PUBLIC_COPY_SECONDS


@pytest.mark.django_db(transaction=True)
def test_what_was_read_at_different_times_counts_from_its_own_time():
    before = read_snapshot()
    Region.objects.filter(code="jinpu").update(order=F("order"))
    after = read_snapshot()
    earlier = ReadBefore(before, frozenset({"rounds_hall"}))
    assert is_current(earlier, ReadBefore(after, frozenset({"accounts_region"})))
    assert not is_current(earlier, ReadBefore(before, frozenset({"accounts_region"})))
    assert is_current(ReadBefore(before, frozenset()))


@pytest.mark.django_db
def test_a_page_asks_only_for_kinds_of_rows_that_there_are(client):
    achievement = make.achievement()
    path = reverse("achievement_detail", args=[achievement.public_id])
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    tables = [model._meta.db_table for model in KINDS.values()]
    asked = [row["sql"] for row in queries if any(f'"{table}"' in row["sql"] for table in tables)]
    assert len(asked) == 1 and len(queries) <= 10
