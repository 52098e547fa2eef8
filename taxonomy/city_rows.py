"""Rows of a city package: the industries. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from cities import City


def add_industries(apps: Any, city: City) -> int:
    """Add the industries whose slug is not there yet, in the order of the package. Returns how many were added."""
    industries = apps.get_model("taxonomy", "Industry").objects
    added = 0
    for order, row in enumerate(city.industries, start=1):
        _industry, is_new = industries.get_or_create(
            slug=row.slug, defaults={"name": row.name, "aliases": row.aliases, "order": order}
        )
        added += is_new
    return added
