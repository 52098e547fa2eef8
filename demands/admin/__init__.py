"""Admin of demands and of the undertakings of their readers."""

from demands.admin import undertakings  # noqa: F401  # registers its model
from demands.admin.demands import DemandAdmin, demand_badge

__all__ = ["DemandAdmin", "demand_badge"]
