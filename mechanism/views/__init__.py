"""Pages of the mechanism app: `public` for visitors, `workbench` for signed-in users, `staff` within the admin."""
