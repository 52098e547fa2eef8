"""The staff's pages for the day of a round: the door, the tables, the walls. `pages` answers looking, `deeds` doing."""
