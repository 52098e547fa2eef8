"""Sign-ups and memberships in the admin."""

from members.admin import memberships, sign_ups  # noqa: F401  (each registers its models)
from members.admin.sign_ups import sign_up_badge

__all__ = ["sign_up_badge"]
