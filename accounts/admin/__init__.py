"""The staff's door to people, organisations, applications and the trail; and to the taxonomy, whose room lies below."""

from accounts.admin import organisations, sign_ups, users
from accounts.admin.sign_ups import sign_up_badge
from audit import admin
from taxonomy import admin

__all__ = ["sign_up_badge"]
