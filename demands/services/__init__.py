"""What can be done with a demand. One module per verb group."""

from demands.exports import export_demands
from demands.scope import editable_states
from demands.services.importing import ImportResult, import_demands
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
    submit_demands,
    take_back_solved,
    track,
    turn_to_challenge,
)
from demands.services.writing import (
    check_still_anonymous,
    complete,
    create_demand,
    default_alias,
    update_demand,
)

__all__ = [
    "ImportResult",
    "Refusal",
    "StepResult",
    "anonymity_problem",
    "check_still_anonymous",
    "close_demand",
    "complete",
    "create_demand",
    "default_alias",
    "editable_states",
    "export_demands",
    "import_demands",
    "mark_solved",
    "publish_demand",
    "publish_demands",
    "reopen_demand",
    "return_demand",
    "start_diagnosis",
    "start_docking",
    "submit_demand",
    "submit_demands",
    "take_back_solved",
    "track",
    "turn_to_challenge",
    "update_demand",
]
