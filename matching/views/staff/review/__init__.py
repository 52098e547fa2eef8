"""The review desk: the page where officers decide proposals one key each. `queue` says which, `pairs` what is shown of
each, `needs` the same by need; `pages` answers looking, `deeds` doing."""
