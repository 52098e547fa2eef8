"""Time of 试配 and of likely duplicates with 10,000 achievements: `python -m benchmarks.trial_match [--number N]`.

Prints one JSON line, in milliseconds: `first`, which includes building the index; p50 and p95 of 100 different demands
of about 150 characters, database and facts included; the same for titles typed into the form. Peak memory in MB.
"""

import argparse
import json
import resource
import time
from statistics import quantiles

from benchmarks import environment
from benchmarks.registry import fill_achievements
from benchmarks.texts import texts

QUERIES = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000)
    options = parser.parse_args()
    with environment.database():
        fill_achievements(options.number)
        measured = measure()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"benchmark": "try_need", "achievements": options.number, **measured, "peak_mb": peak}))


def measure() -> dict:
    from accounts.models import User
    from matching.duplicates import likely_duplicates
    from matching.trial_match import run_trial_match

    city = User.objects.create(username="benchmark", is_superuser=True)
    demands = [f"{text[:20]}\n{text}，检测时间不超过 2 分钟" for text in texts(QUERIES, length=150, seed=9)]
    titles = [text[:18] for text in texts(QUERIES, length=60, seed=11)]
    return {
        "trial": _times(lambda demand: run_trial_match(demand, user=city), demands),
        "doubles": _times(lambda title: likely_duplicates("achievement", title, "", user=city), titles),
    }


def _times(run, queries: list[str]) -> dict:
    milliseconds = []
    for query in [queries[0], *queries]:
        start = time.perf_counter()
        run(query)
        milliseconds.append(1000 * (time.perf_counter() - start))
    at = quantiles(milliseconds[1:], n=20)
    return {"first": round(milliseconds[0]), "p50": round(at[9], 1), "p95": round(at[18], 1)}


if __name__ == "__main__":
    main()
