"""A backup is restored, migrated and used in processes of their own, as `backup --rehearse` does every night."""

import json
from datetime import datetime

import pytest

from backups.manifest import STAMP, latest_backup
from backups.services.rehearsing import rehearse
from tests.backups.test_backups import copied


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_proves_what_was_restored_migrated_and_used(taken, tmp_path, monkeypatch):
    monkeypatch.setenv("DEBUG", "True")  # nothing has been collected for the pages
    root = copied(taken, tmp_path).folder.parent
    lines = []
    report = rehearse(latest_backup(root), say=lines.append)
    assert report.reasons == []
    assert "以 1 种身份打开了 7 个页面" in lines[-1]  # the database of the tests has no users
    stamp = json.loads((root / STAMP).read_text())
    assert stamp["taken_at"] == taken.manifest.taken_at
    assert datetime.fromisoformat(stamp["proven_at"]) > datetime.fromisoformat(stamp["taken_at"])
