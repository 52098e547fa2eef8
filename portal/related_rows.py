"""Of which kinds an achievement has rows at all: most have few, and each kind costs its page a statement."""

from functools import cache

from django.db import connections

from achievements.models import Achievement, Attachment
from mechanism.models import BaseRequest, Evaluation
from portfolio.models import Picture, Video
from rounds.models import DockingRound

KINDS = {
    "attachments": Attachment,
    "evaluations": Evaluation,
    "pictures": Picture,
    "rounds": DockingRound.featured.through,
    "trials": BaseRequest,
    "videos": Video,
}
"""Each has a foreign key `achievement`."""


def kinds_of_rows(achievement: Achievement) -> frozenset[str]:
    """One statement. Which rows of a kind the reader may see is for the querysets that read them."""
    with connections[Achievement.objects.db].cursor() as cursor:
        cursor.execute(_statement(), [achievement.pk] * len(KINDS))
        are_there = cursor.fetchone()
    return frozenset(kind for kind, is_there in zip(KINDS, are_there, strict=True) if is_there)


@cache
def _statement() -> str:
    tables = [(model._meta.db_table, model._meta.get_field("achievement").column) for model in KINDS.values()]
    return f"SELECT {', '.join(f'EXISTS (SELECT FROM "{table}" WHERE "{key}" = %s)' for table, key in tables)}"  # noqa: S608  # names of models
