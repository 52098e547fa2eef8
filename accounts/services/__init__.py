"""Services of users, organisations, sign-ups, contacts and uploaded sheets."""
