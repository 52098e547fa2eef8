"""What the product needs before its processes start, in one Django process per call.

`python -m launcher.prepare STEP…` with `database` (migrations), `demo` (the invented city and its logins; needs
LOGINS_FILE and ADDRESS in the environment) or `static` (collected and compressed files), in the order given.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command


def database() -> None:
    call_command("migrate", interactive=False, verbosity=1)


def demo() -> None:
    call_command("load_demo_city", logins_file=os.environ["LOGINS_FILE"], address=os.environ["ADDRESS"])


def static() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


STEPS = {"database": database, "demo": demo, "static": static}


def main(steps: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
    django.setup()
    for step in steps:
        STEPS[step]()


if __name__ == "__main__":
    main(sys.argv[1:])
