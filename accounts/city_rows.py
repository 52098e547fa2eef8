"""Rows of a city package: the regions. Called by the migration and by `load_city`, with their own `apps`."""

from typing import Any

from cities import City


def add_regions(apps: Any, city: City) -> int:
    """Add the regions whose code is not there yet, in the order of the package. Returns how many were added."""
    regions = apps.get_model("accounts", "Region").objects
    added = 0
    for order, row in enumerate(city.regions, start=1):
        _region, is_new = regions.get_or_create(
            code=row.code,
            defaults={
                "name": row.name,
                "aliases": row.aliases,
                "is_gb2260": row.is_gb2260,
                "is_reporting": row.is_reporting,
                "order": order,
            },
        )
        added += is_new
    return added
