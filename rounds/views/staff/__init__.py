"""Staff pages of docking rounds, inside the admin (`rounds.admin_urls`)."""
