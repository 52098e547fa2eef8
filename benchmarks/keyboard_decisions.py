"""One officer at the keyboard: `python -m benchmarks.keyboard_decisions [--decisions N]`.

One JSON line. The review desk in Chromium, behind gunicorn on PostgreSQL, with 1,000 proposals waiting; two of three
decisions accept, the third rejects with a reason, without a pause. `p50_ms` and `p95_ms` are from the key to the next
pair on the screen. `lost` are decisions that the database does not have afterwards.
"""

import argparse
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import environment, review_desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROGRAMS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
TIMING = """() => {
  const pair = document.getElementById("pair");
  let pressed = 0, notify = null;
  const shown = () => (pair.dataset.matchId ? pair.querySelector("article")?.dataset.id : "nothing");
  window.spent = [];
  window.here = shown();
  addEventListener("keydown", () => (pressed = performance.now()), true);
  new MutationObserver(() => {
    if (!shown() || shown() === window.here) return;
    window.here = shown();
    requestAnimationFrame(() => {
      window.spent.push(performance.now() - pressed);
      notify?.();
    });
  }).observe(pair, { attributes: true, childList: true });
  window.next = () => new Promise((resolve) => (window.spent.length > window.seen ? resolve() : (notify = resolve)));
  window.seen = 0;
}"""
"""Notes in `spent` the milliseconds from a key to the next pair on the screen; `next()` resolves when it is there."""


def decide(page: "Page", number: int) -> list[float]:
    """Decide the first `number` pairs with the keys of the desk; the milliseconds of each, in ascending order."""
    page.evaluate(TIMING)
    for place in range(number):
        page.keyboard.press("a" if place % 3 else "r")
        if not place % 3:
            page.keyboard.press(str(place % 6 + 1))
        page.evaluate("window.next().then(() => window.seen++)")
    return sorted(page.evaluate("window.spent"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decisions", type=int, default=200)
    number = parser.parse_args().decisions
    os.environ["SECURE_COOKIES"] = "False"
    with environment.database():
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
        session = review_desk.fill(officers=1)[0]
        port = review_desk.free_port()
        server = review_desk.serve(port)
        try:
            spent = at_the_desk(f"http://127.0.0.1:{port}", session, number)
        finally:
            server.terminate()
            server.wait(20)
        print(json.dumps(figures(spent, number)))


def at_the_desk(home: str, session: str, number: int) -> list[float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=next(filter(Path.exists, PROGRAMS)), args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN")
        context.add_cookies([{"name": "sessionid", "value": session, "url": home}])
        page = context.new_page()
        page.goto(home + review_desk.DESK)
        spent = decide(page, number)
        page.locator("body[data-unsent='0']").wait_for()
        browser.close()
    return spent


def figures(spent: list[float], number: int) -> dict:
    from matching.models import Decision

    quantiles = {f"p{share}_ms": round(spent[math.ceil(share / 100 * number) - 1]) for share in (50, 95)}
    return {
        "benchmark": "keyboard_decisions",
        "decisions": number,
        **quantiles,
        "lost": number - Decision.objects.count(),
    }


if __name__ == "__main__":
    main()
