"""Backups are complete, are checked, and only what could be restored and used counts as proven.

`tests/drills/test_rehearsal.py` restores, migrates and uses one.
"""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from backups import programs
from backups.management.commands.backup import next_time
from backups.manifest import STAMP, Manifest, all_backups, content_path, latest_backup
from backups.programs import BackupError, Server, find_program
from backups.row_counts import row_counts
from backups.services import rehearsing
from backups.services.restoring import restore_database, restore_uploads
from backups.services.taking import backup_root, only_process, remove_old
from backups.uploads import Folder

CHINA = ZoneInfo("Asia/Shanghai")


def copied(backup, tmp_path, **changes):
    """The backup with another manifest, in a folder of its own."""
    folder = tmp_path / "all" / backup.folder.name
    folder.mkdir(parents=True)
    (folder / "database.dump").symlink_to(backup.dump)
    (tmp_path / "all" / "files").symlink_to(backup.folder.parent / "files")
    Manifest(**(vars(backup.manifest) | changes)).write(folder)
    return latest_backup(tmp_path / "all")


def old_program(tmp_path):
    """Debian 12's pg_dump, as it answers."""
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)'\n")
    program.chmod(0o755)
    return program


def test_a_program_older_than_the_server_is_refused_with_the_fix(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "candidates", lambda name: iter([old_program(tmp_path)]))
    with pytest.raises(BackupError, match=r"PostgreSQL 18.*（15）.*postgresql-client-18"):
        find_program("pg_dump", 18)


def test_a_newer_program_behind_an_old_one_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(programs.shutil, "which", lambda name: str(old_program(tmp_path)))
    assert programs.program_version(find_program("pg_dump", 18)) >= 18


@pytest.mark.django_db
def test_a_backup_holds_every_table_and_upload_once(taken):
    assert taken.manifest.row_counts == row_counts()
    assert taken.manifest.row_counts["taxonomy_industry"] > 0
    assert set(taken.manifest.uploads) == {"a/证书.pdf", "b/copy.pdf"}
    assert len(list((taken.folder.parent / "files").glob("*/*"))) == 1
    assert taken.folder.stat().st_mode & 0o077 == 0
    assert taken.dump.stat().st_mode & 0o077 == 0
    taken.check()


def test_a_changed_or_missing_file_is_named(taken, tmp_path):
    other = {"x.pdf": "0" * 64}
    with pytest.raises(BackupError, match=r"x\.pdf"):
        copied(taken, tmp_path / "1", uploads=other).check()
    with pytest.raises(BackupError, match=r"database\.dump.*已损坏"):
        copied(taken, tmp_path / "2", dump_sha256="0" * 64).check()


def test_uploads_come_back_and_stay_inside_the_folder(taken, tmp_path):
    media = tmp_path / "media"
    assert restore_uploads(taken, Folder(media)) == 2
    assert restore_uploads(taken, Folder(media)) == 0  # what is there stays
    assert (media / "a/证书.pdf").read_bytes() == b"%PDF-1.7 certificate"
    outside = copied(taken, tmp_path, uploads={"../outside.pdf": taken.manifest.uploads["b/copy.pdf"]})
    with pytest.raises(BackupError, match="之外"):
        restore_uploads(outside, Folder(media))
    assert not (tmp_path / "outside.pdf").exists()


def test_old_backups_go_and_the_proven_one_stays(taken, tmp_path):
    root = tmp_path
    for day in range(1, 5):
        folder = root / f"2026010{day}T000000Z"
        folder.mkdir()
        Manifest(**(vars(taken.manifest) | {"uploads": {"a": str(day) * 64}})).write(folder)
        content = content_path(root, str(day) * 64)
        content.parent.mkdir(parents=True)
        content.touch()
    (root / STAMP).write_text(json.dumps({"backup": "20260102T000000Z"}))
    remove_old(root, keep=1)
    assert [backup.folder.name[:8] for backup in all_backups(root)] == ["20260102", "20260104"]
    assert sorted(path.name[0] for path in (root / "files").glob("*/*")) == ["2", "4"]


def test_two_backups_do_not_run_at_once(tmp_path):
    with only_process(tmp_path), pytest.raises(BackupError, match="正在进行"), only_process(tmp_path):
        pass


def test_a_backup_needs_a_folder_outside_the_uploads(settings, tmp_path):
    settings.BACKUP_FOLDER = ""
    with pytest.raises(CommandError, match="BACKUP_FOLDER") as refused:
        call_command("backup")
    assert refused.value.returncode == 2
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(BackupError, match="上传目录"):
        backup_root(str(tmp_path / "backups"))


@pytest.mark.django_db
def test_a_restore_needs_an_empty_database(taken):
    with pytest.raises(BackupError, match="不是空的"):
        restore_database(taken, Server.of_settings())


def test_the_daily_backup_waits_for_its_time():
    at = datetime(2026, 12, 1, 2, 30, tzinfo=CHINA)
    assert next_time(at.time(), at.replace(hour=1)) == at
    assert next_time(at.time(), at) == at.replace(day=2)
    assert next_time(at.time(), at.replace(hour=23)) == at.replace(day=2)


def failing_walk(server, report):
    report.reasons.append("市级专员打开 / 得到 500")
    return ""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_that_finds_something_proves_nothing(taken, tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsing, "_migrate_under_load", lambda server, report: "")
    monkeypatch.setattr(rehearsing, "walk_pages", failing_walk)
    rows = taken.manifest.row_counts | {"taxonomy_industry": 1}
    root = copied(taken, tmp_path, row_counts=rows).folder.parent
    with pytest.raises(CommandError) as refused:
        call_command("rehearse", "--from", str(root))
    assert refused.value.returncode == 3
    assert "表 taxonomy_industry 恢复出" in str(refused.value)
    assert "得到 500" in str(refused.value)
    assert not (root / STAMP).exists()
