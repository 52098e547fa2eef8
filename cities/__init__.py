"""City packages: everything that differs from city to city, as files that officers can edit. No Django.

A package is a folder; `docs/city-package.md` describes its files. `cities/dalian/` is an example.
`settings.CITY` holds the one of this installation.
"""

from cities.city import ChainLinkRow, City, HolidayRow, IndustryRow, RegionRow, TargetRow, TaskRow
from cities.package import CityError, find_package, load_city

__all__ = [
    "ChainLinkRow",
    "City",
    "CityError",
    "HolidayRow",
    "IndustryRow",
    "RegionRow",
    "TargetRow",
    "TaskRow",
    "find_package",
    "load_city",
]
