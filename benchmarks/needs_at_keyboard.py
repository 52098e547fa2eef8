"""Ninety needs at the by-need view: `python -m benchmarks.needs_at_keyboard [--needs N] [--reading SECONDS]`.

One JSON line. The review desk in Chromium, behind gunicorn on PostgreSQL, with five candidates for each need. Of ninety
needs 56 have nothing (one key), 3 nothing and a reason (two keys), 28 one fitting candidate (one key) and 3 two of them
(three keys). `--reading` is the pause before each decision; without it the keys follow each
other as fast as the browser takes them. `p50_ms`, `p95_ms` and `max_ms` are from the last key of a decision to the next
need on the screen, `overhead_s` is their sum, `minutes` the whole at twenty seconds of reading for each need. `lost`
are decisions that the database does not have afterwards, or has otherwise.
"""

import argparse
import json
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import environment, review_desk
from benchmarks.keyboard_decisions import PROGRAMS

if TYPE_CHECKING:
    from playwright.sync_api import Page

READING_SECONDS = 20
CANDIDATES = 5
VIEW = "/admin/matching/match/triage/needs/"
TWO = ("Shift+Digit1", "Shift+Digit3", "Enter")
NONE, ONE, REASON = ("0",), ("1",), ("r", "2")
MIX = [
    *(NONE, NONE, ONE, NONE, ("2",), NONE, NONE, ONE, NONE, NONE, ("3",), NONE, NONE, ONE, NONE, NONE, ONE, NONE),
    *(NONE, REASON, ONE, NONE, ("4",), NONE, NONE, TWO),
]
TIMING = """() => {
  const place = document.getElementById("need");
  const shown = () => place.querySelector("form")?.dataset.id ?? (place.querySelector(".bn-wait a") ? "nothing" : null);
  let pressed = 0, here = shown(), notify = null;
  window.spent = [];
  window.seen = 0;
  addEventListener("keydown", () => (pressed = performance.now()), true);
  new MutationObserver(() => {
    if (!shown() || shown() === here) return;
    here = shown();
    requestAnimationFrame(() => {
      window.spent.push(performance.now() - pressed);
      notify?.();
    });
  }).observe(place, { childList: true, subtree: true });
  window.next = () => new Promise((resolve) => (window.spent.length > window.seen ? resolve() : (notify = resolve)));
}"""
"""Notes in `spent` the milliseconds from a key to the next need on the screen; `next()` resolves when it is there."""


def decide(page: "Page", number: int, reading: float) -> list[float]:
    """Decide the first `number` needs by MIX; the milliseconds of each, in ascending order."""
    page.evaluate(TIMING)
    for place in range(number):
        time.sleep(reading)
        for key in MIX[place % len(MIX)]:
            page.keyboard.press(key)
        page.evaluate("window.next().then(() => window.seen++)")
    return sorted(page.evaluate("window.spent"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--needs", type=int, default=90)
    parser.add_argument("--reading", type=float, default=0.0)
    options = parser.parse_args()
    os.environ["SECURE_COOKIES"] = "False"
    with environment.database():
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
        session = fill(options.needs)
        port = review_desk.free_port()
        server = review_desk.serve(port)
        try:
            spent = at_the_desk(f"http://127.0.0.1:{port}", session, options.needs, options.reading)
        finally:
            server.terminate()
            server.wait(20)
        print(json.dumps(figures(spent, options.needs)))


def fill(number: int) -> str:
    """Needs of one firm with five candidates each; the session of its district officer."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from accounts.models import Organisation, Region, Role
    from accounts.services.members import add_member
    from achievements.models import Achievement
    from benchmarks.registry import fill_achievements
    from demands.models import Demand
    from matching.models import Match, MatchRun

    fill_achievements(100)
    offers = list(Achievement.objects.all()[:100])
    now = "2026-11-20T08:00:00Z"
    run = MatchRun.objects.create(title="批次", engine="p0", snapshot_hash="0" * 64, status="done", finished_at=now)
    region = Region.objects.filter(is_reporting=True)[0]
    firm = Organisation.objects.create(name="基准企业", kind="firm", stat_region=region)
    needs = Demand.objects.bulk_create(
        Demand(
            firm=firm, title=f"基准需求{place}", problem=offers[place % 100].summary, kind="problem",
            status="published", published_at=now,
        )
        for place in range(number)
    )  # fmt: skip
    Match.objects.bulk_create(
        Match(
            achievement=(offer := offers[(place + 7 * rank) % 100]), demand=need, run=run, first_run=run, rank=rank + 1,
            score=99 - 60 * place / number - rank / 1000, probability=0.08, level="candidate",
            shared_terms=[offer.title[:4]],
            facts=[{"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议", "brief": "价格面议"}],
        )
        for place, need in enumerate(needs)
        for rank in range(CANDIDATES)
    )  # fmt: skip
    user = get_user_model().objects.create_user("officer", name="专员")
    add_member(
        user, Organisation.objects.create(name="基准区县", kind="district", stat_region=region), Role.DISTRICT, by=None
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def at_the_desk(home: str, session: str, number: int, reading: float) -> list[float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=next(filter(Path.exists, PROGRAMS)), args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": home}])
        page = context.new_page()
        page.goto(home + VIEW)
        page.wait_for_load_state("networkidle")
        spent = decide(page, number, reading)
        page.locator("body[data-unsent='0']").wait_for()
        browser.close()
    return spent


def figures(spent: list[float], number: int) -> dict:
    from matching.models import DemandReview, Match

    decided = [MIX[place % len(MIX)] for place in range(number)]
    keys = sum(map(len, decided))
    accepted = sum(2 if step is TWO else len(step) for step in decided if step not in (NONE, REASON))
    rejected = CANDIDATES * sum(step is REASON for step in decided)
    lost = number - DemandReview.objects.count()
    for status, expected in (("accepted", accepted), ("rejected", rejected), ("proposed", 0)):
        lost += abs(expected - Match.objects.filter(status=status).count())
    overhead = sum(spent) / 1000
    return {
        "benchmark": "needs_at_keyboard",
        "needs": number,
        "keys_per_need": round(keys / number, 2),
        **{f"p{share}_ms": round(spent[math.ceil(share / 100 * number) - 1]) for share in (50, 95)},
        "max_ms": round(spent[-1]),
        "overhead_s": round(overhead, 2),
        "minutes": round((number * READING_SECONDS + overhead) / 60, 2),
        "lost": lost,
    }


if __name__ == "__main__":
    main()
