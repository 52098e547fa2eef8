"""Admin of demands, of proposed changes, and of the undertakings of their readers."""

from demands.admin import undertakings  # noqa: F401  # registers its model
from demands.admin.demands import DemandAdmin, demand_badge
from demands.admin.revisions import DemandRevisionAdmin, revision_badge

__all__ = ["DemandAdmin", "DemandRevisionAdmin", "demand_badge", "revision_badge"]
