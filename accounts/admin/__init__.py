"""People, organisations and uploaded sheets in the admin. Sign-ups and memberships are in `members.admin`."""

from accounts.admin import organisations, source_files, users  # noqa: F401  (each registers its models)
