"""A populated database of each kept release can be brought to the present code and is used there."""

import json
import lzma
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

pytestmark = pytest.mark.long
RELEASES = sorted(path.name.removesuffix(".dump.xz") for path in FOLDER.glob("*.dump.xz"))
GROWING = {"auth_permission", "auth_group_permissions", "django_content_type", "django_migrations"}
"""Tables that a migration fills: new models bring rows."""
UNPROVEN = "SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE NOT convalidated"
INVALID_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


@pytest.mark.parametrize("release", RELEASES)
def test_a_populated_database_of_an_earlier_release_is_upgraded(release, django_db_blocker, django_db_setup, tmp_path):
    counts = json.loads((FOLDER / f"{release}.json").read_text(encoding="utf-8"))
    dump = tmp_path / "release.dump"
    dump.write_bytes(lzma.decompress((FOLDER / f"{release}.dump.xz").read_bytes()))
    with django_db_blocker.unblock():
        server = Server.of_settings()
        pg_restore = find_program("pg_restore", 18)
    with DatabaseBeside(server, f"{server.database}_upgrade") as beside:
        run_program(beside, pg_restore, "--no-owner", "--exit-on-error", f"--dbname={beside.database}", dump)
        environment = os.environ | {
            "DATABASE_URL": beside.url(),
            "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
            "PROCESS_ROLE": "migration",
            "DEBUG": "True",  # nothing has been collected for the pages
            "ALLOWED_HOSTS": "localhost",
            "MFA_REQUIRED_ROLES": "",
            "MEDIA_ROOT": str(tmp_path / "media"),
        }
        assert "... OK" in call(environment, "manage.py", "migrate", "--noinput") or _is_newest(release)
        call(environment, "manage.py", "migrate", "--check", "--noinput")
        with closing(psycopg2.connect(**beside.parameters())) as session, session.cursor() as cursor:
            lost = {}
            for table, rows in counts.items():
                cursor.execute("SELECT to_regclass(%s)", [f'public."{table}"'])
                if cursor.fetchone()[0] is None:
                    lost[table] = "gone"
                    continue
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                now = cursor.fetchone()[0]
                if now < rows or (now > rows and table not in GROWING):
                    lost[table] = (rows, now)
            assert lost == {}
            for question in (UNPROVEN, INVALID_INDEXES):
                cursor.execute(question)
                assert cursor.fetchall() == []
        walk = json.loads(call(environment | {"PROCESS_ROLE": "web"}, "-m", "backups.page_walk").splitlines()[-1])
        assert walk["problems"] == []
        assert walk["visitors"] >= 8
        assert walk["pages"] > 60


def test_at_most_two_releases_are_kept_and_each_says_what_it_holds():
    assert 1 <= len(RELEASES) <= 2
    assert all((FOLDER / f"{release}.json").is_file() for release in RELEASES)


def _is_newest(release: str) -> bool:
    """Directly after a release there is nothing to migrate."""
    from tests.upgrade.make_dump import version

    return release == version()


def call(environment: dict[str, str], *command: str) -> str:
    root = Path(settings.BASE_DIR)
    result = subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout
