"""Rules of the architecture that a reviewer would otherwise have to remember."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_migration_linter import MigrationLinter

from core.model_states import few_model_classes
from tests.upgrade import releases
from tests.upgrade.back_and_forth import AGAIN, BACK, BEFORE, copy_of_migrated, run_back_and_forth

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


NEVER_VIOLATED = {("brokerage", "0004_one_waiting_change")}
"""Migrations that add a unique constraint which the old code cannot violate: the newest release has no commissions, and
what came since proposes a change with the commission's row locked, after a look whether another waits."""


@pytest.mark.long
def test_migrations_can_run_while_old_code_is_running(db, tmp_path):
    """What comes after the newest release may not lock or break (NOT NULL without default, renames)."""
    released = set(releases.migrations(releases.unpacked(releases.RELEASES[-1], tmp_path)))
    linter = MigrationLinter(str(ROOT), include_apps=APPS, no_cache=True, quiet=["ok", "ignore"])
    new = {(app, name) for app, name in linter.migration_loader.disk_migrations if app in APPS} - released
    with few_model_classes():
        for app, name in sorted(new):
            linter.exclude_migration_tests = ["ADD_UNIQUE"] if (app, name) in NEVER_VIOLATED else []
            linter.lint_all_migrations(app_label=app, migration_name=name)
    assert (linter.nb_total, linter.nb_erroneous) == (len(new), 0)


@pytest.mark.long
def test_new_migrations_run_back_and_forth(tmp_path):
    """Back, the database has what the newest release had, object for object. `tests/drills/test_migrations.py` runs
    all migrations back; those of a release do not change any more.
    """
    release = releases.unpacked(releases.RELEASES[-1], tmp_path)
    released = releases.migrations(release)
    targets = dict.fromkeys(APPS) | {app: name for app, name in released if app in APPS}
    name = f"{connection.settings_dict['NAME']}_back_and_forth".removeprefix("test_")
    with copy_of_migrated(name) as url:
        applied = run_back_and_forth(url, tmp_path, targets)
    assert applied == released
    assert releases.objects(tmp_path / BACK) ^ releases.objects(release) == set()
    assert releases.definitions(tmp_path / BEFORE) ^ releases.definitions(tmp_path / AGAIN) == set()


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
    addresses = {
        str(path.relative_to(ROOT)): hits
        for path in sources("templates/**", "static/*.js", "static/*.css")
        if path.suffix in {".html", ".js", ".css"} and (hits := re.findall(pattern, path.read_text()))
    }
    assert addresses == {}
