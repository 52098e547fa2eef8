"""How long a sheet takes to be understood: `python -m benchmarks.import_negotiation [--rows N] [--store]`.

One JSON line: processor seconds to read every cell of an invented sheet of one institution, the peak of resident
memory, and with --store also the seconds until its rows and findings stand in the database.
"""

import argparse
import json
import resource
import time

from benchmarks import environment
from benchmarks.import_workbook import invented


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=524)
    parser.add_argument("--length", type=int, default=240, help="characters of a description")
    parser.add_argument("--store", action="store_true")
    options = parser.parse_args()
    with environment.database():
        print(json.dumps(measured(invented(options.rows, options.length), store=options.store)))


def measured(content: bytes, *, store: bool) -> dict:
    from accounts.models import Organisation, Role, User
    from accounts.services.members import add_member
    from accounts.services.source_files import store_source_file
    from achievements.services.intake import understand_sheet
    from achievements.services.sheet_imports import continue_reading, start_sheet_import

    institution = Organisation.objects.create(kind="institution", name="示例理工大学")
    user = User.objects.create_user(username="office", name="示例", password="Demo-pass-2026")
    add_member(user, institution, Role.INSTITUTION, by=None)
    start = time.process_time()
    count = sum(1 for _row in understand_sheet(content, "sheet.xlsx", by=user).rows())
    result = {
        "benchmark": "import_negotiation",
        "rows": count,
        "cpu_seconds_read": round(time.process_time() - start, 2),
    }
    if store:
        start = time.process_time()
        sheet_import = start_sheet_import(
            store_source_file("achievements", content=content, name="sheet.xlsx", by=user), by=user
        )
        continue_reading(sheet_import)
        result["cpu_seconds_store"] = round(time.process_time() - start, 2)
        result["stored"] = sheet_import.rows.count()
    return result | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


if __name__ == "__main__":
    main()
