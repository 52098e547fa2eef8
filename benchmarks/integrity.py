"""A scan of the integrity check: `python -m benchmarks.integrity [--contracts N]`.

One JSON line: `contracts` scanned, `findings`, and seconds of processor and of the clock of a first scan (which writes
the cases) and of a second one (which changes nothing).
"""

import argparse
import json
import time

from benchmarks import environment
from benchmarks.kpi import fill


def measure() -> dict:
    from integrity.services.scanning import scan

    results = {}
    for name in ("first", "second"):
        processor, clock = time.process_time(), time.perf_counter()
        done = scan()
        results[name] = {
            "processor_s": round(time.process_time() - processor, 2),
            "clock_s": round(time.perf_counter() - clock, 2),
            "opened": done.opened,
        }
    return {"contracts": done.contracts, "findings": done.findings} | results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contracts", type=int, default=50_000)
    options = parser.parse_args()
    with environment.database():
        fill(options.contracts)
        print(json.dumps(measure(), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
