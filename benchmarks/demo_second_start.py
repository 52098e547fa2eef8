"""How long a second start of the demo takes: `python -m benchmarks.demo_second_start`.

One JSON line: seconds until everything answers, of a first start on an empty folder and of a second one on what the
first left. Both check themselves (a login of every role, a round closed and its run finished) and stop.
"""

import json
import os
import shutil
import subprocess
import sys

from benchmarks.environment import CHECKOUT

FOLDER = CHECKOUT / ".data" / f"benchmark-demo-{os.getpid()}"


def main() -> None:
    from launcher import engines

    try:
        first, second = start(), start()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.rmtree(engines.external_folder(FOLDER), ignore_errors=True)
    print(
        json.dumps(
            {
                "benchmark": "demo_second_start",
                "seconds": second["ready_seconds"],
                "seconds_with_self_check": second["seconds"],
                "first_start_seconds": first["ready_seconds"],
                "ok": first["ok"] and second["ok"],
            }
        )
    )


def start() -> dict:
    outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "bootstrap.py", "demo", "--once", "--data", str(FOLDER)]
    done = subprocess.run(command, cwd=CHECKOUT, env=outside, stdout=subprocess.PIPE, text=True, check=False)
    report = json.loads(done.stdout.splitlines()[-1])
    if done.returncode:
        raise SystemExit(json.dumps(report, ensure_ascii=False))
    return report


if __name__ == "__main__":
    main()
