"""Take over values that others propose for an achievement: by link, from a college office, from a completer."""

from typing import Any

from accounts.models import User
from achievements.models import Achievement
from achievements.services.editing import update_achievement
from achievements.services.reviewed_fields import REVIEWED_FIELDS
from achievements.services.revisions import needs_review, propose_fields
from audit.revisions import set_json_values

PRICES = ("price_min_wan", "price_max_wan")


def apply_values(achievement: Achievement, chosen: dict[str, Any], *, by: User, seen: str) -> bool:
    """Store {field: value as JSON} as the office would. Returns whether a part waits for the city.

    `achievement` is the stored row whose `version_of` is `seen`. Raises PermissionDenied, ValidationError.
    """
    changed = Achievement()
    set_json_values(changed, chosen)
    values = {name: getattr(changed, name) for name in chosen}
    if values.keys() & {*PRICES}:
        low, high = (values.get(name, getattr(achievement, name)) for name in PRICES)
        values["price_negotiable"] = low is None and high is None
    if needs_review(achievement, by):
        proposal = propose_fields(achievement, values, by=by, seen=seen)
        return proposal.revision is not None and bool({*REVIEWED_FIELDS} & chosen.keys())
    update_achievement(achievement, values, by=by, seen_at=achievement.updated_at)
    return False
