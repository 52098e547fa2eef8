"""Barriers for people with disabilities that axe finds in a page; the looks of what is alike are examined once."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from tests.browser.server import STATIC

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe().axe_script
AXE_PATH = "/static/axe.js"
STATIC[AXE_PATH] = AXE.encode(), "text/javascript"
"""Half a megabyte that a browser reads and compiles once for all its pages, as it does with the product's scripts."""
LOADED = f"'axe' in window || import('{AXE_PATH}').then(() => 'axe' in window, () => false)"
KEYS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_examined: set[int] = set()
"""Keys of what axe examined in this process and where nothing was wrong."""
_passed: set[int] = set()
"""Keys of texts whose contrast passed in this process: colours, letters and what is painted below."""


def barriers(page, part: str | None = None) -> list[str]:
    """What axe finds in the page, or in the part that the selector names: "rule: help: elements"."""
    if not page.evaluate(LOADED):  # it is not of the site, or without a network
        page.evaluate(AXE)
    keys = set(page.evaluate(KEYS, [part, RULES]))
    results = page.evaluate("(examined) => findBarriers(examined)", list((keys & _examined) | _passed))
    if not results["barriers"]:
        _examined.update(keys)
        _passed.update(results["passed"])
    return [f"{rule}: {words}: {elements}" for rule, words, elements in results["barriers"]]
