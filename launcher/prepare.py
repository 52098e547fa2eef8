"""Prepare the product before its processes start. Each call is one Django process.

`python -m launcher.prepare STEP…` runs the steps in the order given: `tables` (migrations alone), `database`
(migrations and the rows of the city's package), `demo` (the demo data of the city, or its first accounts, and the
logins; reads LOGINS_FILE and ADDRESS from the environment), `static` (collect and compress static files).
"""

from __future__ import annotations

import gc
import os
import sys

import django
from django.core.management import call_command


def _migrate(verbosity: int) -> None:
    from core.model_states import few_model_classes

    with few_model_classes():
        call_command("migrate", interactive=False, verbosity=verbosity)


def tables() -> None:
    _migrate(verbosity=0)


def database() -> None:
    _migrate(verbosity=1)
    call_command("load_city")


def demo() -> None:
    from django.conf import settings

    command = "load_demo_city" if settings.CITY.demo_folder else "create_first_accounts"
    call_command(command, logins_file=os.environ["LOGINS_FILE"], address=os.environ["ADDRESS"])


def static() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


STEPS = {"tables": tables, "database": database, "demo": demo, "static": static}


def main(steps: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
    os.environ.setdefault("PROCESS_ROLE", "migration" if steps == ["tables"] else "command")
    django.setup()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # these processes are short: collecting often takes longer than it saves
    for step in steps:
        STEPS[step]()


if __name__ == "__main__":
    main(sys.argv[1:])
