"""What logs and metrics cost: `python -m benchmarks.observation [--rounds N]`.

CPU milliseconds per request, asked in turn of the same pages with 1,000 achievements: `plain`; `metrics`, counted in
files that the web processes share; `json`, one log line for each request; `both`. Ratios are to `plain`, medians of the
rounds. `scrape` is one look at /metrics.
"""

import argparse
import json
import logging
import os
import shutil
import tempfile
import time
from statistics import median

from benchmarks import environment
from benchmarks.registry import fill_achievements

PAGES = {"help": "/help/", "home": "/", "list": "/achievements/", "api": "/api/v1/achievements/"}
IN_A_ROUND = 20
TOKEN = "benchmark"
METRICS = "dalian_techtransfer.metrics.requests.RequestMetricsMiddleware"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="benchmark-metrics-")
    os.environ |= {"METRICS_TOKEN": TOKEN, "METRICS_FOLDER": folder, "LOG_FORMAT": "json"}
    try:
        with environment.database():
            fill_achievements(1000)
            measure(options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(rounds: int) -> None:
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client, override_settings

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        handler = logging.getLogger().handlers[0]
        handler.setStream(nowhere)  # type: ignore[attr-defined]
        logging.getLogger("requests").setLevel(logging.INFO)
        without = [name for name in settings.MIDDLEWARE if name != METRICS]
        variants = {
            "plain": {"MIDDLEWARE": without, "LOG_REQUESTS": False},
            "metrics": {"LOG_REQUESTS": False},
            "json": {"MIDDLEWARE": without, "LOG_REQUESTS": True},
            "both": {"LOG_REQUESTS": True},
        }
        clients = {name: Client() for name in variants}
        for page, path in PAGES.items():
            spent: dict[str, list[float]] = {name: [] for name in variants}
            for number in range(rounds + 1):
                cache.clear()  # the API counts requests
                for name, values in variants.items():
                    with override_settings(**values):
                        clients[name].get(path)
                        began = time.process_time()
                        for _each in range(IN_A_ROUND):
                            clients[name].get(path)
                        if number:  # the first round warms up
                            spent[name].append((time.process_time() - began) / IN_A_ROUND * 1000)
            middle = {name: median(values) for name, values in spent.items()}
            ratios = {name: round(value / middle["plain"], 3) for name, value in middle.items() if name != "plain"}
            print(json.dumps({"page": page, "cpu_ms": {k: round(v, 2) for k, v in middle.items()}, "ratio": ratios}))
        scrapes = []
        for _each in range(rounds):
            began = time.process_time()
            clients["both"].get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
            scrapes.append((time.process_time() - began) * 1000)
        print(json.dumps({"page": "scrape", "cpu_ms": round(median(scrapes), 2)}))


if __name__ == "__main__":
    main()
