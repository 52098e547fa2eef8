"""Which signed version is shown: the newest whose seal proves.

A row that somebody wrote into the database by SQL has no seal of the application. It must not hide the genuine version,
and whoever reads the page is told of it.
"""

import logging
from dataclasses import dataclass

from mechanism.closing.sealing import is_published_intact
from mechanism.models import FigureVersion
from mechanism.models.closing import FigureVersionQuerySet

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AuthenticVersion:
    """`version`: the newest that proves; `rejected`: the newer ones that do not."""

    version: FigureVersion | None = None
    rejected: tuple[FigureVersion, ...] = ()


def authentic_of_month(month: str) -> AuthenticVersion:
    return _newest(FigureVersion.objects.filter(period=month))


def authentic_of_year(year: int) -> AuthenticVersion:
    """Of the last signed month of a year."""
    return _newest(FigureVersion.objects.filter(last_on__year=year))


def authentic_by_year(years: int) -> list[FigureVersion]:
    """The newest authentic version of each of the latest years that have one, the latest year first."""
    dates = FigureVersion.objects.signed().dates("last_on", "year", order="DESC")
    versions = (authentic_of_year(day.year).version for day in dates)
    return [version for version in versions if version][:years]


def newer_than(version: FigureVersion) -> FigureVersion | None:
    """The authentic version of the same month that replaces this one."""
    newest = authentic_of_month(version.period).version
    return newest if newest and newest.number > version.number else None


def _newest(versions: FigureVersionQuerySet) -> AuthenticVersion:
    rejected: list[FigureVersion] = []
    for version in versions.signed().select_related("previous").order_by("-last_on", "-number").iterator(10):
        if is_published_intact(version):
            return AuthenticVersion(version, tuple(rejected))
        log.error("figure version %s does not prove and is not used", version.pk)
        rejected.append(version)
    return AuthenticVersion(None, tuple(rejected))
