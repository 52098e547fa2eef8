"""What a recovery by pgBackRest needs is named if it is missing. `tests/drills/test_recovery.py` recovers a server."""

import pytest
from django.core.management import CommandError, call_command

from backups.programs import BackupError
from backups.services import recovering

STANZA = "dalian-techtransfer"


@pytest.mark.django_db
def test_what_is_missing_is_named_and_proves_nothing(settings, monkeypatch, tmp_path):
    def refusal() -> str:
        with pytest.raises(CommandError) as refused:
            call_command("rehearse_recovery", "--from", str(tmp_path))
        assert refused.value.returncode == 3
        assert not list(tmp_path.glob("*.json"))
        return str(refused.value)

    assert "请设置 PGBACKREST_STANZA" in refusal()
    settings.PGBACKREST_STANZA = STANZA
    monkeypatch.setattr(recovering.shutil, "which", lambda name: None)
    assert "apt-get install pgbackrest" in refusal()
    monkeypatch.setattr(recovering.shutil, "which", lambda name: "/usr/bin/pgbackrest")
    assert "archive_mode = off" in refusal()


def test_what_pgbackrest_says_is_in_the_refusal(monkeypatch, tmp_path):
    program = tmp_path / "pgbackrest"
    program.write_text("#!/bin/sh\necho 'unable to find backup set' >&2; exit 75\n")
    program.chmod(0o755)
    monkeypatch.setattr(recovering, "installed_program", lambda: str(program))
    with pytest.raises(BackupError, match=r"pgbackrest restore 失败（75）：unable to find backup set"):
        recovering.pgbackrest("restore", run_as={})
