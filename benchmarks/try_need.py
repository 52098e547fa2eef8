"""试配 and likely doubles at 10,000 achievements: `python -m benchmarks.try_need [--number N]`.

One JSON line, in milliseconds: `first`, when the index has to be built; p50 and p95 of 100 different needs of about 150
characters afterwards, database and facts included; the same for a title typed into the form. Peak memory in MB.
"""

import argparse
import json
import resource
import time
from statistics import quantiles

from benchmarks import room
from benchmarks.registry import fill_achievements
from benchmarks.texts import texts

ASKED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000)
    options = parser.parse_args()
    with room.database():
        fill_achievements(options.number)
        measured = measure()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"benchmark": "try_need", "achievements": options.number, **measured, "peak_mb": peak}))


def measure() -> dict:
    from accounts.models import User
    from matching.doubles import likely_doubles
    from matching.trial import try_need

    city = User.objects.create(username="benchmark", is_superuser=True)
    needs = [f"{text[:20]}\n{text}，检测时间不超过 2 分钟" for text in texts(ASKED, length=150, seed=9)]
    titles = [text[:18] for text in texts(ASKED, length=60, seed=11)]
    return {
        "trial": _times(lambda need: try_need(need, user=city), needs),
        "doubles": _times(lambda title: likely_doubles("achievement", title, "", user=city), titles),
    }


def _times(ask, questions: list[str]) -> dict:
    taken = []
    for question in [questions[0], *questions]:
        start = time.perf_counter()
        ask(question)
        taken.append(1000 * (time.perf_counter() - start))
    at = quantiles(taken[1:], n=20)
    return {"first": round(taken[0]), "p50": round(at[9], 1), "p95": round(at[18], 1)}


if __name__ == "__main__":
    main()
