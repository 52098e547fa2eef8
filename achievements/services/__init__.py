"""What can be done with an achievement. One module per verb group."""

from achievements.services.attachments import add_attachment, remove_attachment
from achievements.services.editing import create_achievement, editable_states, update_achievement
from achievements.services.exporting import export_achievements
from achievements.services.importing import ImportResult, import_achievements
from achievements.services.moves import BulkResult
from achievements.services.offering import (
    feature_achievement,
    feature_many,
    free_for_others,
    mark_transferred,
    pause_achievement,
    pause_many,
    reinstate_achievement,
    reserve_for_one,
    start_docking,
    take_back_transfer,
    withdraw_achievement,
    withdraw_many,
)
from achievements.services.registry import (
    publish_achievement,
    publish_many,
    register_achievement,
    register_achievements,
    renew_achievement,
    unpublish_achievement,
)
from achievements.services.review import (
    approve_achievement,
    approve_many,
    return_achievement,
    return_many,
    submit_achievement,
    submit_many,
    submittable_states,
)

__all__ = [
    "BulkResult",
    "ImportResult",
    "add_attachment",
    "approve_achievement",
    "approve_many",
    "create_achievement",
    "editable_states",
    "export_achievements",
    "feature_achievement",
    "feature_many",
    "free_for_others",
    "import_achievements",
    "mark_transferred",
    "pause_achievement",
    "pause_many",
    "publish_achievement",
    "publish_many",
    "register_achievement",
    "register_achievements",
    "reinstate_achievement",
    "remove_attachment",
    "renew_achievement",
    "reserve_for_one",
    "return_achievement",
    "return_many",
    "start_docking",
    "submit_achievement",
    "submit_many",
    "submittable_states",
    "take_back_transfer",
    "unpublish_achievement",
    "update_achievement",
    "withdraw_achievement",
    "withdraw_many",
]
