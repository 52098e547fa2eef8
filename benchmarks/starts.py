"""Does it start again after kills in any order? `python -m benchmarks.starts [--achievements N] [--demands N]`.

The launcher, the worker of batches, the broker and beat are killed with SIGKILL in each of their 24 orders, in the
middle of a matching run, a moment apart; then the platform is started once. Prints one JSON line per order: the seconds
until every process was ready, and until a chunk was done again. A start that is refused ends the command.
`--first beat`: only the six orders that begin with it.
"""

import argparse
import json
import shutil
import tempfile
import time
from itertools import permutations
from pathlib import Path

from benchmarks import chaos
from benchmarks.chaos_platform import Platform, prepared

APART_SECONDS = 0.5
BROKER = ("valkey-server",)
PARTS = {"worker": chaos.BATCH, "broker": BROKER, "beat": chaos.BEAT}


def kill(platform: Platform, order: tuple[str, ...]) -> None:
    """Kill the parts one after the other; what the launcher has started may end by itself once it is killed."""
    processes = {name: platform.pids(*words) for name, words in PARTS.items()}
    for name in order:
        if name == "launcher":
            platform.supervisor.kill()
            platform.supervisor.wait()
        else:
            chaos.kill_processes(*processes[name])
        time.sleep(APART_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=int, default=400)
    parser.add_argument("--demands", type=int, default=200)
    parser.add_argument("--chunk", type=int, default=2)
    parser.add_argument("--first", choices=("launcher", *PARTS))
    options = parser.parse_args()
    orders = [order for order in permutations(("launcher", *PARTS)) if options.first in (None, order[0])]
    data = Path(tempfile.mkdtemp(prefix="starts-"))
    external = prepared(data, options.achievements, options.demands, options.chunk)
    platform = Platform(data)
    try:
        platform.start()
        for order in orders:
            if platform.chunks_open() == 0:
                platform.queue_again(options.chunk)
            kill(platform, order)
            started = platform.start()
            done, begun = platform.chunks_done(), time.monotonic()
            platform.wait(lambda done=done: chaos.advances_or_is_done(platform, done), chaos.RECOVERY_SECONDS)
            line = {"order": ", ".join(order), "ready_seconds": round(started, 1)}
            print(json.dumps(line | {"chunk_seconds": round(time.monotonic() - begun, 1)}), flush=True)
        platform.wait(lambda: chaos.still_queued(platform) == 0, chaos.COMPLETION_SECONDS)
        result = chaos.outcome(platform)
        print(json.dumps({**vars(options), **result}))
    finally:
        platform.stop()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(external, ignore_errors=True)
    if any(result[key] for key in chaos.WRONG):
        raise SystemExit("lost or doubled")


if __name__ == "__main__":
    main()
