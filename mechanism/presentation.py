"""How states of measures look on pages."""

from mechanism.models import Measure

State = Measure.State
STATE_BADGES: dict[str, str] = {
    State.OVERDUE: "b-no",
    State.DUE_SOON: "b-wait",
    State.RUNNING: "b-go",
    State.NOT_BEGUN: "b-plain",
    State.DONE: "b-ok",
    State.DROPPED: "b-plain",
}
