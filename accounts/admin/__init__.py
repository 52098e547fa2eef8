"""The staff's door to people, organisations, applications and the trail; and to the taxonomy, whose room lies below."""

from accounts.admin import organisations, sign_ups, users
from taxonomy import admin
from audit import admin  # noqa: F401  (each registers its own)
from accounts.admin.sign_ups import sign_up_badge

__all__ = ["sign_up_badge"]
