"""The problem that a visitor of `/ask/` wants to make a demand, kept in the session until its form is saved.

It stays through sign-in, because Django keeps the session of an anonymous visitor then; sign-out empties it.
"""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from portal.problem_cells import KEPT_CHARS, Problem

FORGET_KEPT = "forget_kept"
"""Name of the button that empties the form again."""
_KEY = "kept_problem"
LONGEST_GOAL = 2000


def keep_problem(session: SessionBase, problem: Problem) -> None:
    """Keep what the demand's form can be filled with. An earlier problem is replaced."""
    wishes, limits = problem.words("wish"), problem.words("limit")
    session[_KEY] = {
        "fields": {
            "title": problem.title,
            "problem": problem.text[:KEPT_CHARS],
            "goal": "；".join(wishes)[:LONGEST_GOAL],
            "conditions": "；".join(limits)[:LONGEST_GOAL],
            "keywords": [word for word in problem.words("object") if len(word) <= 30][:5],
            "budget": problem.budget,
            "period": problem.period,
        },
        "indicators": [
            {
                "name": cell.name,
                "comparison": cell.comparison,
                "value": cell.value,
                "value_to": cell.value_to,
                "unit": cell.unit,
                "condition": cell.condition,
            }
            for cell in problem.indicators
        ],
    }


def kept_problem(session: SessionBase) -> dict[str, Any] | None:
    """Return {"fields": values of the form, "indicators": rows of its formset}, or None."""
    return session.get(_KEY)


def forget_problem(session: SessionBase) -> None:
    session.pop(_KEY, None)
