"""Take migrations back and run them again, in a database and a process of their own.

`python -m tests.upgrade.back_and_forth FOLDER TARGETS [--plain]` works in the database of DATABASE_URL. TARGETS: JSON
{app: the migration to go back to, null for none}. It writes the definitions of all objects into FOLDER as dumps
`before`, `back` and `again`, and prints the migrations that were applied after going back. With `--plain` they run
again by Django's own code.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.upgrade.make_dump import ROOT, database_url, execute, pg_dump

BEFORE, BACK, AGAIN = "before", "back", "again"


def main(folder: Path, targets: dict[str, str | None], *, is_plain: bool) -> None:
    import django

    django.setup()
    assert gc.isenabled() and gc.get_freeze_count() > 100_000  # disabled only until all is imported
    gc.set_threshold(300_000, 20, 20)  # Django makes thousands of model classes here
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from core.model_states import few_model_classes

    with few_model_classes():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
            executor = MigrationExecutor(connection)
        keep_definitions(folder / BEFORE)
        executor.migrate(list(targets.items()))
        print(json.dumps(sorted(executor.recorder.applied_migrations())))
        keep_definitions(folder / BACK)
    with nullcontext() if is_plain else few_model_classes():
        call_command("migrate", verbosity=0)
    keep_definitions(folder / AGAIN)


def keep_definitions(file: Path) -> None:
    options = ["--format=custom", "--compress=none", "--schema-only", "--no-owner", f"--file={file}"]
    subprocess.run([pg_dump(), *options, os.environ["DATABASE_URL"]], check=True)


@contextmanager
def copy_of_migrated(name: str) -> Iterator[str]:
    """The URL of a database of its own: a copy of the suite's migrated one, or an empty one where there is none."""
    migrated = os.environ.get("MIGRATED_DATABASE", "template1")
    execute(f'DROP DATABASE IF EXISTS "{name}"')
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    try:
        yield database_url(name)
    finally:
        execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run_back_and_forth(url: str, folder: Path, targets: dict[str, str | None], *options: str) -> list[tuple[str, str]]:
    """Returns (app, name) of the migrations that were applied after going back."""
    command = [sys.executable, "-m", "tests.upgrade.back_and_forth", str(folder), json.dumps(targets), *options]
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return [(app, name) for app, name in json.loads(result.stdout.splitlines()[-1])]


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), is_plain="--plain" in sys.argv)
