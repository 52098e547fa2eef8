"""Who meets whom, when, at which table. Pure: no Django, no database.

`Event` is what is known, `steps` and `solve` plan it, `check` verifies a plan with code of its own. Solvers and
numerical libraries are loaded by planning, not by importing this package.
"""

from scheduling.checker import check
from scheduling.errors import BadEvent, TimetableError
from scheduling.event import Event, Hall, Item, Lock, Order, Party, Person, Slot, Wish
from scheduling.plan import Figures, Meeting, NoPlan, Plan, Step, figures

__all__ = [
    "BadEvent",
    "Event",
    "Figures",
    "Hall",
    "Item",
    "Lock",
    "Meeting",
    "NoPlan",
    "Order",
    "Party",
    "Person",
    "Plan",
    "Slot",
    "Step",
    "TimetableError",
    "Wish",
    "check",
    "figures",
    "solve",
    "steps",
]


def __getattr__(name: str):
    if name in ("solve", "steps"):
        from scheduling import planner  # loads the solvers

        return getattr(planner, name)
    raise AttributeError(name)
