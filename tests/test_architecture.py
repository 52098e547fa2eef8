"""Rules of the architecture that a reviewer would otherwise have to remember."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_migration_linter import MigrationLinter

from tests.model_states import REPLACEMENTS

ROOT = Path(settings.BASE_DIR)
APPS = sorted({path.parts[-3] for path in ROOT.glob("*/migrations/0*.py")})
BANNED = {"utils", "helpers", "common", "misc", "managers", "constants"}


def sources(*patterns: str) -> list[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, text=True)
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


if "MIGRATED_DATABASE" not in os.environ:  # `bootstrap.py test` checks both before it starts pytest

    def test_imports_run_downhill():
        script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout

    def test_no_migration_is_missing(db):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.long
def test_migrations_can_run_while_old_code_is_running(db, monkeypatch):
    """Squashed into the first release: what comes later may not lock or break (NOT NULL without default, renames)."""
    for replacement in REPLACEMENTS:
        monkeypatch.setattr(*replacement)
    linter = MigrationLinter(str(ROOT), include_apps=APPS, no_cache=True, quiet=["ok", "ignore"])
    linter.lint_all_migrations()
    assert not linter.has_errors


LEFT = """
SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
UNION ALL SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'applied ' || app || ' ' || name FROM django_migrations WHERE NOT app = ANY(%s)
"""
NOT_OURS = ("account", "auth", "axes", "contenttypes", "mfa", "sessions")
OTHER_TABLES = ("account_email", "auth_", "axes_", "django_", "mfa_", "unique_authenticator", "unique_primary_email")


@pytest.mark.long
def test_migrations_run_back_and_forth():
    """And leave nothing where they went back."""
    where = connection.settings_dict
    name = f"{where['NAME']}_back_and_forth".removeprefix("test_")
    admin = psycopg2.connect(
        host=where["HOST"], port=where["PORT"], user=where["USER"], password=where["PASSWORD"], dbname="postgres"
    )
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    migrated = os.environ.get("MIGRATED_DATABASE", "template1")
    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    url = f"postgresql://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{name}"
    back_and_forth = (
        "import django, gc, json; django.setup()\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 100_000\n"  # disabled only until all is imported
        "gc.set_threshold(300_000, 20, 20)\n"  # Django makes thousands of model classes here
        "from django.core.management import call_command as call\n"
        "from django.db import connection\n"
        "from django.db.migrations.executor import MigrationExecutor\n"
        "from tests import model_states\n"
        "model_states.install()\n"
        "call('migrate', verbosity=0, skip_checks=True)\n"
        f"MigrationExecutor(connection).migrate([(app, None) for app in {APPS!r}])\n"
        "with connection.cursor() as left:\n"
        f"    left.execute({LEFT!r}, [{list(NOT_OURS)!r}])\n"
        "    print(json.dumps([row[0] for row in left]))\n"
        "call('migrate', verbosity=0, skip_checks=True)\n"
    )
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings"}
    try:
        command = [sys.executable, "-c", back_and_forth]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[-2000:]
        names = json.loads(result.stdout.splitlines()[-1])
        assert "django_migrations" in names
        assert [name for name in names if not name.lstrip("_").startswith(OTHER_TABLES)] == []
    finally:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()


def test_nothing_has_a_name_that_says_nothing():
    named = {path.relative_to(ROOT) for path in sources("*.py", "*.html", "*.js") if path.stem in BANNED}
    assert named == set()


def test_files_and_functions_stay_readable():
    """Files over 400 lines want splitting along a seam that has a name."""
    written = [
        path for path in sources("*.py") if "migrations" not in path.parts and ROOT / "tests" not in path.parents
    ]
    assert {str(path.relative_to(ROOT)): n for path in written if (n := len(path.read_text().splitlines())) > 420} == {}


def test_no_template_line_is_longer_than_160_characters():
    """Mails are left out, because a paragraph of text is one line there."""
    long_lines = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("templates/*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 160
    ]
    assert long_lines == []


@pytest.mark.parametrize("pattern", [r"https?://(?!127\.0\.0\.1|localhost)[^\s\"'<>)]*\.(?:js|css|woff2?)\b"])
def test_no_page_asks_another_host_for_its_assets(pattern):
    found = {
        str(path.relative_to(ROOT)): hits
        for path in sources("templates/**", "static/*.js", "static/*.css")
        if path.suffix in {".html", ".js", ".css"} and (hits := re.findall(pattern, path.read_text()))
    }
    assert found == {}
