"""People, organisations, applications for accounts and uploaded sheets in the admin."""

from accounts.admin import organisations, sign_ups, source_files, users  # noqa: F401  (each registers its models)
from accounts.admin.sign_ups import sign_up_badge

__all__ = ["sign_up_badge"]
