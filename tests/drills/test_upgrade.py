"""A populated database of each kept release can be brought to the present code and is used there."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from backups.programs import Server, find_program, run_program
from backups.services.restoring import DatabaseBeside
from tests.upgrade.make_dump import FOLDER
from tests.upgrade.releases import RELEASES, unpacked

pytestmark = pytest.mark.long
GROWING = {"auth_permission", "auth_group_permissions", "django_content_type", "django_migrations"}
"""Tables that a migration fills: new models bring rows."""
UNPROVEN = "SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE NOT convalidated"
INVALID_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


UPGRADE = """
import json, logging, django
django.setup()
from django.core.management import call_command
from backups.page_walk import walk
from backups.row_counts import row_counts
from core.model_states import few_model_classes
with few_model_classes():
    call_command("migrate", interactive=False, verbosity=0)
call_command("migrate", check_unapplied=True, verbosity=0)
counts = row_counts()
logging.disable(logging.CRITICAL)
print(json.dumps({"counts": counts, "walk": walk()}))
"""
"""In one process: starting Django costs more than most of it."""


@pytest.mark.parametrize("release", RELEASES)
def test_a_populated_database_of_an_earlier_release_is_upgraded(release, django_db_blocker, django_db_setup, tmp_path):
    wanted = json.loads((FOLDER / f"{release}.json").read_text(encoding="utf-8"))
    dump = unpacked(release, tmp_path)
    with django_db_blocker.unblock():
        server = Server.of_settings()
        pg_restore = find_program("pg_restore", 18)
    with DatabaseBeside(server, f"{server.database}_upgrade") as beside:
        run_program(beside, pg_restore, "--no-owner", "--exit-on-error", f"--dbname={beside.database}", dump)
        upgraded = upgrade(beside, tmp_path)
        changed = {
            table: (rows, upgraded["counts"].get(table, "gone"))
            for table, rows in wanted.items()
            if upgraded["counts"].get(table, -1) != rows and table not in GROWING
        }
        assert changed == {}
        assert all(upgraded["counts"][table] >= wanted[table] for table in GROWING)
        with closing(psycopg2.connect(**beside.parameters())) as session, session.cursor() as cursor:
            for question in (UNPROVEN, INVALID_INDEXES):
                cursor.execute(question)
                assert cursor.fetchall() == []
    assert upgraded["walk"]["problems"] == []
    assert upgraded["walk"]["visitors"] >= 8
    assert upgraded["walk"]["pages"] > 60


def test_at_most_two_releases_are_kept_and_each_says_what_it_holds():
    assert 1 <= len(RELEASES) <= 2
    assert all((FOLDER / f"{release}.json").is_file() for release in RELEASES)


def upgrade(server: Server, folder: Path) -> dict:
    environment = os.environ | {
        "DATABASE_URL": server.url(),
        "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
        "PROCESS_ROLE": "migration",
        "DEBUG": "True",  # nothing has been collected for the pages
        "ALLOWED_HOSTS": "localhost",
        "MFA_REQUIRED_ROLES": "",
        "MEDIA_ROOT": str(folder / "media"),
    }
    command = [sys.executable, "-c", UPGRADE]
    root = Path(settings.BASE_DIR)
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.splitlines()[-1])
