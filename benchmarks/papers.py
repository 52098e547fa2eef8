"""How long a round's papers take to set: `python -m benchmarks.papers [--firms N]`.

One JSON line: for each kind of paper pages, seconds and seconds for a hundred pages, of an invented round with fifty
features and as many firms as given, two people each. The promise is 100 pages in under 30 seconds.
"""

import argparse
import json
import time
from datetime import timedelta

from benchmarks import environment

SUMMARY = (
    "在正极颗粒表面生成均匀的包覆层，抑制高温循环中的副反应，提高循环寿命；已在中试线上连续运行，指标由第三方检测。"
    "适用于动力电池和储能电池正极材料，现有产线改动小，可以许可、转让或者合作开发。"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=100)
    parser.add_argument("--features", type=int, default=50)
    given = parser.parse_args()
    with environment.database():
        print(json.dumps(measure(*a_round(given.firms, given.features)), ensure_ascii=False))


def a_round(firms: int, features: int):
    """A round with guests, a feature list, an agenda and a published timetable."""
    from rounds.models import FeaturedAchievement
    from tests import factories as make

    begin = make.noon(days=30) - timedelta(hours=3)
    docking_round = make.docking_round(
        name="排版测量", place="会展中心", starts_at=begin, ends_at=begin + timedelta(hours=8)
    )
    slots, hall = make.slots(docking_round, 12), make.hall(docking_round, name="洽谈区", tables=60)
    teams = [make.party(docking_round, make.institution(), team=f"团队{number}") for number in range(4)]
    placed = {}
    for number in range(firms):
        party = make.party(docking_round, make.firm(f"排版测量企业{number}有限公司"))
        for _person in range(2):
            make.attendee(party, position="总工程师")
        for turn in range(4):
            meeting = make.meeting(party, teams[turn], topic=f"第 {number} 家第 {turn} 项：循环寿命提升")
            placed[meeting] = (slots[(number + 3 * turn) % 12], hall, number % 60 + 1)
    seen, once = set(), {}
    for meeting, place in placed.items():  # one meeting at a table at a time
        key = (place[0].pk, place[2])
        if key not in seen:
            seen.add(key)
            once[meeting] = place
    make.timetable(docking_round, once)
    for number in range(features):
        FeaturedAchievement.objects.create(
            docking_round=docking_round, rank=number + 1, achievement=make.achievement(summary=SUMMARY * 3)
        )
    for number in range(12):
        make.agenda_item(docking_round, after=30 * number, title=f"议程 {number}")
    return docking_round, make.city_officer()


def measure(docking_round, city) -> dict:
    from rounds.models import Paper
    from rounds.papers.pdf import render_pdf
    from rounds.services.papers import paper_html

    figures, all_pages, all_seconds = {}, 0, 0.0
    for kind in Paper.Kind:
        begun = time.perf_counter()
        content, pages = render_pdf(
            paper_html(Paper(docking_round=docking_round, kind=kind, made_by=city, made_at=docking_round.starts_at))
        )
        seconds = time.perf_counter() - begun
        all_pages, all_seconds = all_pages + pages, all_seconds + seconds
        figures[kind.value] = summary(pages, seconds) | {"kilobytes": len(content) // 1024}
    return figures | {"all": summary(all_pages, all_seconds)}


def summary(pages: int, seconds: float) -> dict:
    return {"pages": pages, "seconds": round(seconds, 1), "per_100_pages": round(seconds / pages * 100, 1)}


if __name__ == "__main__":
    main()
