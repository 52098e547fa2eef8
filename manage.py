#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
    roles = {"migrate": "migration", "runserver": "web"}
    os.environ.setdefault("PROCESS_ROLE", roles.get("".join(sys.argv[1:2]), "command"))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
