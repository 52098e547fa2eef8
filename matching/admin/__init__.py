"""Admin of matching: one module per subject. Importing them registers their models."""

from matching.admin import broker_requests, learning, matches, runs  # noqa: F401
from matching.admin.matches import match_badge

__all__ = ["match_badge"]
