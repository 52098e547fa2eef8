"""Rows that are removed from view and kept in the database: `removed_at` holds the moment of removal."""

from typing import Self

from django.db import models


class RemovableQuerySet[M: models.Model](models.QuerySet[M]):
    """Of a model with `removed_at`, empty as long as the row is in use."""

    def kept(self) -> Self:
        """Not removed."""
        return self.filter(removed_at=None)
