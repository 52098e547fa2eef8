"""Favourites: achievements and demands that a user wants to find again."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from demands.models import Demand
from favourites.public_facts import Item

MAX_FAVOURITES = 500
"""Of one user."""


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def of_user(self, user: User | AnonymousUser) -> Self:
        """The user's own."""
        return self.filter(user=scope_of(user).user_id)

    def shared_with(self, user: User | AnonymousUser) -> Self:
        """Those that colleagues share in an organisation of the user, as long as they are members themselves."""
        scope = scope_of(user)
        is_member = Membership.objects.filter(
            user=OuterRef("user"), organisation=OuterRef("shared_in"), user__is_active=True
        )
        shared = self.filter(Exists(is_member), shared_in__in=scope.organisation_ids)
        return shared.exclude(user=scope.user_id)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        own, shared = self.of_user(user), self.shared_with(user)
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=shared.values("pk")))


class Favourite(PlainText, models.Model):
    """An achievement or a demand that a user has marked.

    known: {label: text}, the public facts when the user marked the item or last confirmed its changes. shared_in: the
    organisation whose members see the mark (not the note); None for a private one.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites", verbose_name="收藏人")
    achievement = models.ForeignKey(
        Achievement, models.CASCADE, null=True, blank=True, related_name="favourites", verbose_name="成果"
    )
    demand = models.ForeignKey(
        Demand, models.CASCADE, null=True, blank=True, related_name="favourites", verbose_name="需求"
    )
    shared_in = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="与本单位同事共享"
    )
    note = models.CharField("给自己的备注", max_length=300, blank=True)
    known = models.JSONField("收藏时的情况", default=dict, editable=False)
    made_at = models.DateTimeField("收藏时间", default=timezone.now, editable=False)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        verbose_name = "收藏"
        verbose_name_plural = "收藏"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(achievement=None, demand__isnull=False) | Q(achievement__isnull=False, demand=None),
                name="favourite_of_one_item",
                violation_error_message="一条收藏对应一项成果或一项需求。",
            ),
            models.UniqueConstraint(
                fields=["user", "achievement"],
                condition=Q(achievement__isnull=False),
                name="favourite_achievement_once",
                violation_error_message="您已收藏这项成果。",
            ),
            models.UniqueConstraint(
                fields=["user", "demand"],
                condition=Q(demand__isnull=False),
                name="favourite_demand_once",
                violation_error_message="您已收藏这项需求。",
            ),
        ]

    def __str__(self) -> str:
        return f"收藏 {self.public_id}"

    @property
    def item(self) -> Item:
        """Reads `achievement` or `demand`: select them."""
        item = self.achievement or self.demand
        if item is None:
            raise ValueError("a favourite without an item")
        return item
