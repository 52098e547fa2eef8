"""Sign-ups and memberships in the admin."""

from members.admin import memberships, sign_ups  # noqa: F401  (each registers its models)
