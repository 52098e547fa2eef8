"""The guide of the demo. `tests/drills/test_demo_guide.py` follows it word for word in a started demo."""

from tests.browser.guide import actions, chapters


def test_each_audience_has_ten_steps_that_can_be_followed():
    guide = chapters()
    assert [len(steps) for steps in guide.values()] == [10] * 5
    assert all(actions(step) for steps in guide.values() for step in steps)
