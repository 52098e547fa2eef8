"""docs/demo.md as steps that a browser can follow: what to do, and what is seen then."""

import re
from pathlib import Path

from django.conf import settings

STEP = re.compile(r"^\d+\. (.*)$", re.MULTILINE)
PART = re.compile(
    r"打开 `(?P<open>[^`]+)`|用 `(?P<sign_in>\w+)` 登录|点“(?P<click>[^”]+)”|输入“(?P<search>[^”]+)”，按回车"
    r"|按 `(?P<press>[^`]+)` 键|看到(?P<see>(?:“[^”]+”、?)+)"
)


def chapters() -> dict[str, list[str]]:
    """The steps under each heading."""
    text = Path(settings.BASE_DIR, "docs", "demo.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    return {heading: STEP.findall(steps) for heading, steps in zip(parts[::2], parts[1::2], strict=True)}


def actions(step: str) -> list[tuple[str, str]]:
    """What one step says, in order: (action, of what). A step that cannot be followed fails."""
    parts = [(match.lastgroup, match[match.lastgroup]) for match in PART.finditer(step)]
    assert parts and parts[-1][0] == "see", step
    return parts


def follow(page, home: str, step: str, passwords: dict[str, str]) -> None:
    """Do what a step says, and look for what it promises."""
    for deed, what in actions(step):
        if deed == "open":
            page.goto(home + what)
        elif deed == "sign_in":
            page.context.clear_cookies()
            page.goto(home + "/accounts/login/")
            page.get_by_label("用户名").fill(what)
            page.get_by_label("密码").fill(passwords[what])
            page.get_by_role("button", name="登录").click()
            page.wait_for_url("**/workbench/**")
        elif deed == "click":
            page.locator("a:visible, button:visible, label:visible").filter(has_text=what).first.click()
        elif deed == "search":
            page.locator("input[name=q]:visible").first.fill(what)
            page.keyboard.press("Enter")
        elif deed == "press":
            page.locator("[data-match-id], form[data-may-accept]").first.wait_for()
            page.wait_for_load_state("load")  # the scripts of the page listen to the keys
            page.keyboard.press(what.lower())
        else:
            for text in re.findall("“([^”]+)”", what):
                page.get_by_text(text).locator("visible=true").first.wait_for()
