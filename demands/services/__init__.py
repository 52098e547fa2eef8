"""What can be done with a demand. One module per verb group."""

from demands.services.steps import (
    Refusal,
    StepResult,
    anonymity_problem,
    close_demand,
    mark_solved,
    publish_demand,
    publish_demands,
    reopen_demand,
    return_demand,
    start_diagnosis,
    start_docking,
    submit_demand,
    track,
    turn_to_challenge,
)
from demands.services.writing import (
    create_demand,
    default_alias,
    editable_states,
    update_demand,
)

__all__ = [
    "Refusal",
    "StepResult",
    "anonymity_problem",
    "close_demand",
    "create_demand",
    "default_alias",
    "editable_states",
    "mark_solved",
    "publish_demand",
    "publish_demands",
    "reopen_demand",
    "return_demand",
    "start_diagnosis",
    "start_docking",
    "submit_demand",
    "track",
    "turn_to_challenge",
    "update_demand",
]
