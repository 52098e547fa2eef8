"""Month-end close: `python -m benchmarks.closing [--contracts N] [--grow]`.

One JSON line for each size (5,000, 50,000 and 200,000 contracts of five years with `--grow`), in seconds of the clock
and of this process: `check`, freezing the last full year with all figures, splits and rows; `differences`, comparing
it with today; `sign`, which compares again; `prove`, computing all its hashes anew. `database` is the time that the
statements of the check took.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks import environment
from benchmarks.kpi import fill
from benchmarks.review_overview import people


def measure() -> dict[str, Any]:
    from django.db import connection, transaction
    from django.utils import timezone

    from mechanism.closing.differences import find_differences
    from mechanism.closing.sealing import prove
    from mechanism.services.closing import check_month, sign_version
    from tests import factories as make

    month = f"{timezone.localdate().year - 1}-12"
    checker, signer = make.city_officer(), make.city_officer()
    spent: list[float] = []

    def timed(execute: Callable, *rest: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*rest)
        finally:
            spent.append(time.perf_counter() - start)

    results: dict[str, Any] = {}
    with transaction.atomic():
        with connection.execute_wrapper(timed):
            version = _measured(results, "check", lambda: check_month(month, by=checker))
        results["database"] = round(sum(spent), 2)
        _measured(results, "differences", lambda: find_differences(version))
        _measured(results, "sign", lambda: sign_version(version, by=signer, content_hash=version.content_hash))
        _measured(results, "prove", lambda: prove(version))
        results |= {"rows": version.row_count, "values": version.figures.count()}
        transaction.set_rollback(True)
    return results


def _measured(results: dict[str, Any], name: str, call: Callable[[], Any]) -> Any:
    clock, processor = time.perf_counter(), time.process_time()
    answer = call()
    results[name] = [round(time.perf_counter() - clock, 2), round(time.process_time() - processor, 2)]
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contracts", type=int, default=200_000)
    parser.add_argument("--grow", action="store_true")
    options = parser.parse_args()
    with environment.database():
        people()
        for number in (5_000, 50_000, 200_000) if options.grow else (options.contracts,):
            fill(number)
            print(json.dumps({"contracts": number, **measure()}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
