"""The work on the nine tasks at a glance, one measure's page, and minutes taken apart into measures."""
