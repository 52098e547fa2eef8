"""Printed papers of a round. `content` collects the data, the templates in `rounds/papers/` lay it out, `pdf`
renders."""
