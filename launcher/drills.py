"""The command `test --drills`: what takes too long for each run of the tests.

First the drills of pytest (tests/drills), which `.ci/run` runs too. Then the same at full size: ten kills, an import
stopped in its middle and clocks that jump at 2,000 achievements and 400 needs; starts after kills in each order; a
pooler, a read replica and a host that is cut off; the drills of the containers and of the bundle.
"""

from __future__ import annotations

import subprocess
import time

from launcher import bundle, containers, suite
from launcher.console import LauncherError, say
from launcher.paths import CHECKOUT, PYTHON

BENCHMARKS = {
    "逐个强制终止进程": ("benchmarks.chaos", "--achievements", "2000", "--demands", "400", "--chunk", "10"),
    "按各种顺序终止后重新启动": ("benchmarks.starts",),
    "数据库连接池": ("benchmarks.growth", "pooler"),
    "只读副本": ("benchmarks.growth", "replica"),
    "三台主机，其中一台断网": ("benchmarks.growth", "hosts"),
}
"""Title → module and its arguments. Each ends with an error if something was lost, doubled or did not start."""


def run() -> int:
    """Run all drills. Returns 0 if they passed, else raises LauncherError at the first that did not."""
    if suite.run([suite.DRILLS]):
        raise LauncherError(f"演练没有通过：{suite.DRILLS}。原因见上。")
    for title, arguments in BENCHMARKS.items():
        started = time.monotonic()
        say(f"演练：{title}……")
        if subprocess.run([str(PYTHON), "-m", *arguments], cwd=CHECKOUT, check=False).returncode:
            raise LauncherError(f"演练没有通过：{title}。原因见上。")
        say(f"演练通过：{title}，用时 {time.monotonic() - started:.0f} 秒。")
    return containers.run() or bundle.drill()
