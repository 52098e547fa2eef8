"""Rows of a city package: the industries. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from django.db.models import Q

from cities import City


def add_industries(apps: Any, city: City) -> int:
    """Add the industries whose slug and name are not there yet, in the order of the package. Returns how many."""
    industries = apps.get_model("taxonomy", "Industry").objects
    added = 0
    for order, row in enumerate(city.industries, start=1):
        if industries.filter(Q(slug=row.slug) | Q(name=row.name)).exists():
            continue
        industries.create(slug=row.slug, name=row.name, aliases=row.aliases, order=order)
        added += 1
    return added
