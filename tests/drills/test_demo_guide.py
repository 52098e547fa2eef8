"""The demo as a person starts it: docs/demo.md can be followed word for word, and what it had outlives a kill."""

import json

import pytest

from tests.browser.conftest import PATIENCE, WIDE, Visitor
from tests.browser.guide import chapters, follow
from tests.test_bootstrap import family, launch, left_of, wait_for_line


@pytest.mark.long
def test_the_demo_can_be_followed_word_for_word_is_killed_and_starts_again_with_everything_it_had(data, chromium):
    first = launch(["demo", "--data", str(data)])
    printed = wait_for_line(first, "按 Ctrl-C 停止")
    members = family(first.pid)
    kept = json.loads((data / "demo_logins.json").read_text(encoding="utf-8"))
    try:
        follow_the_guide(chromium, kept["address"], {login["username"]: login["password"] for login in kept["logins"]})
    finally:
        first.kill()
        first.communicate(timeout=300)
    assert left_of(members) == {}
    assert kept["address"] in printed
    roles = {login["role"]: login for login in reversed(kept["logins"])}
    for login in roles.values():
        assert set(login) >= {"role", "username", "password", "start_page"}
        assert login["username"] in printed and login["password"] in printed

    second = launch(["demo", "--data", str(data), "--once"])
    *lines, last = second.communicate(timeout=900)[0].strip().splitlines()
    report = json.loads(last)
    assert (second.returncode, report["ok"]) == (0, True), "\n".join(lines)
    assert report["logins"] == len(roles)
    assert report["achievements"] > 0 and report["demands"] > 0 and report["matches"] > 0
    again = json.loads((data / "demo_logins.json").read_text(encoding="utf-8"))
    assert again["logins"] == kept["logins"]
    assert not any("正在准备" in line for line in lines)


def follow_the_guide(chromium, home: str, passwords: dict[str, str]) -> None:
    for heading, steps in chapters().items():
        context = chromium.new_context(viewport=WIDE, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context, home)
        for number, step in enumerate(steps, 1):
            try:
                follow(visitor.page, home, step, passwords)
            except Exception as error:
                shown = f"{visitor.page.url}: {visitor.page.locator('body').inner_text()[:300]}"
                raise AssertionError(f"docs/demo.md, {heading}, {number}: {step} {shown}") from error
        complaints = visitor.watch.take_complaints()
        context.close()
        assert complaints == [], heading
