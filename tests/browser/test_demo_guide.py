"""docs/demo.md can be followed word for word."""

import json

from portal.demo import load_demo_city
from tests.browser.guide import chapters, follow


def test_each_audience_has_ten_steps():
    assert [len(steps) for steps in chapters().values()] == [10] * 5


def test_the_demo_can_be_followed_word_for_word(visit, tmp_path):
    file = tmp_path / "logins.json"
    load_demo_city(logins_file=file)
    passwords = {one["username"]: one["password"] for one in json.loads(file.read_text(encoding="utf-8"))["logins"]}
    for heading, steps in chapters().items():
        visitor = visit()
        for number, step in enumerate(steps, 1):
            try:
                follow(visitor.page, visitor.home, step, passwords)
            except Exception as error:
                raise AssertionError(f"docs/demo.md, {heading}, {number}: {step}") from error
