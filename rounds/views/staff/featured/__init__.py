"""The staff page of a round's fifty: `rules_form` reads rules, `pages` answers looking, `deeds` doing."""
