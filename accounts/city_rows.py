"""Rows of a city package: the regions. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from django.db.models import Q

from cities import City


def add_regions(apps: Any, city: City) -> int:
    """Add the regions whose code and name are not there yet, in the order of the package. Returns how many."""
    regions = apps.get_model("accounts", "Region").objects
    added = 0
    for order, row in enumerate(city.regions, start=1):
        if regions.filter(Q(code=row.code) | Q(name=row.name)).exists():
            continue
        regions.create(
            code=row.code,
            name=row.name,
            aliases=row.aliases,
            is_gb2260=row.is_gb2260,
            is_reporting=row.is_reporting,
            order=order,
        )
        added += 1
    return added
