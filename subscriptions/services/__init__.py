"""`saved_searches` keeps what a user subscribes to, `new_items` finds what is new for it once a day, `dismissals` hides
what does not fit."""
