"""Saved searches, what was new for them, and what a user does not want to see again."""

from datetime import datetime, time
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from demands.models import Demand
from matching.models.match import reject_reasons

type Item = Achievement | Demand

MAX_SEARCHES = 20
"""Of one user."""
WORDS_LENGTH, TEXT_LENGTH = 100, 500


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def of_user(self, user: User | AnonymousUser) -> Self:
        """The user's own. No role sees those of others."""
        return self.filter(user=scope_of(user).user_id)

    visible_to = of_user

    def due(self) -> Self:
        """Active, of active users, and not looked at today."""
        today = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
        return self.filter(is_paused=False, user__is_active=True, checked_at__lt=today)


class SavedSearch(PlainText, models.Model):
    """A subscription: a search of achievements or demands that is repeated once a day for what is new.

    text: words that must stand literally, or a description whose meaning counts, as `mode` says; may be empty.
    filters: {parameter of the public list: values}, see `subscriptions.filters`. checked_at: up to when items were
    looked at; starts_at: nothing from before is sent, it is the moment of subscribing, of the last change or of the end
    of a pause.
    """

    class Kind(models.TextChoices):
        ACHIEVEMENT = "achievement", "成果"
        DEMAND = "demand", "需求"

    class Mode(models.TextChoices):
        WORDS = "words", "按字面：含有这些字"
        MEANING = "meaning", "按意思：写一两句话，由平台比对"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches", verbose_name="订阅人"
    )
    kind = models.CharField("订阅什么", max_length=12, choices=Kind)
    name = models.CharField("名称", max_length=60)
    mode = models.CharField("怎样比对", max_length=8, choices=Mode, default=Mode.WORDS)
    text = models.TextField("内容", max_length=TEXT_LENGTH, blank=True)
    filters = models.JSONField("条件", default=dict, blank=True)
    is_paused = models.BooleanField("已暂停", default=False)
    checked_at = models.DateTimeField("查到", default=timezone.now, editable=False)
    starts_at = models.DateTimeField("起算时间", default=timezone.now, editable=False)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = "订阅"
        verbose_name_plural = "订阅"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "mode", "text", "filters"],
                name="saved_search_once",
                violation_error_message="您已订阅同样的内容。",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(filters={}),
                name="saved_search_asks_something",
                violation_error_message="请写要找的内容，或至少选一个条件。",
            ),
            models.CheckConstraint(
                condition=Q(mode="words") | ~Q(text=""),
                name="saved_search_by_meaning_has_text",
                violation_error_message="按意思比对要写一两句话。",
            ),
        ]
        indexes = [
            models.Index(fields=["checked_at"], name="saved_search_due", condition=Q(is_paused=False)),
        ]

    def __str__(self) -> str:
        return f"订阅 {self.public_id}"


class DismissalQuerySet(models.QuerySet["Dismissal"]):
    def of_user(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=scope_of(user).user_id)

    def hiding_from(self, user: User | AnonymousUser) -> Self:
        """The user's own, and those of colleagues that count for an organisation of the user."""
        scope = scope_of(user)
        return self.filter(Q(user=scope.user_id) | Q(is_for_organisation=True, organisation__in=scope.organisation_ids))

    visible_to = of_user


class Dismissal(models.Model):
    """不适合，因为…: hides an item from the subscriptions of a user, and of colleagues if `is_for_organisation`.

    organisation: the firm or institution in whose name the user said it. own_demand, own_achievement: the user's own
    item that was meant, if named, so that the matching can learn from the pair.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="谁")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    achievement = models.ForeignKey(
        Achievement, models.CASCADE, null=True, blank=True, related_name="dismissals", verbose_name="成果"
    )
    demand = models.ForeignKey(
        Demand, models.CASCADE, null=True, blank=True, related_name="dismissals", verbose_name="需求"
    )
    own_demand = models.ForeignKey(
        Demand, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="针对本企业的需求"
    )
    own_achievement = models.ForeignKey(
        Achievement, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="针对本单位的成果"
    )
    reason = models.CharField("原因", max_length=20, choices=reject_reasons)
    note = models.CharField("说明", max_length=200, blank=True)
    is_for_organisation = models.BooleanField("同事的订阅里也不再出现", default=False)
    made_at = models.DateTimeField("时间", default=timezone.now, editable=False)

    objects = DismissalQuerySet.as_manager()

    class Meta:
        verbose_name = "不适合的条目"
        verbose_name_plural = "不适合的条目"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(achievement=None, demand__isnull=False, own_demand=None)
                | Q(achievement__isnull=False, demand=None, own_achievement=None),
                name="dismissal_of_one_item",
            ),
            models.CheckConstraint(
                condition=Q(is_for_organisation=False) | Q(organisation__isnull=False),
                name="dismissal_for_an_organisation_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(note=""),
                name="dismissal_other_is_explained",
                violation_error_message="选“其他原因”时，请用一句话说明。",
            ),
            models.UniqueConstraint(
                fields=["user", "achievement"],
                condition=Q(achievement__isnull=False),
                name="dismissal_achievement_once",
            ),
            models.UniqueConstraint(
                fields=["user", "demand"], condition=Q(demand__isnull=False), name="dismissal_demand_once"
            ),
        ]

    def __str__(self) -> str:
        return f"不适合 {self.public_id}"

    @property
    def item(self) -> Item:
        """Reads `achievement` or `demand`: select them."""
        return _one_of(self.achievement, self.demand)


class HitQuerySet(models.QuerySet["Hit"]):
    def of_user(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=scope_of(user).user_id)

    def shown_to(self, user: User | AnonymousUser) -> Self:
        """The user's own, of items that are public now and not dismissed.

        Not of a demand that has become anonymous since: what it was found by could name its firm.
        """
        dismissed = Dismissal.objects.hiding_from(user)
        is_hidden = dismissed.filter(
            Q(achievement=OuterRef("achievement"), demand=None) | Q(demand=OuterRef("demand"), achievement=None)
        )
        return (
            self.of_user(user)
            .filter(
                Q(achievement__in=Achievement.objects.visible_to(user).published())
                | Q(demand__in=Demand.objects.visible_to(user).published())
            )
            .exclude(Q(demand__is_anonymous=True, was_anonymous=False) & Q(demand__isnull=False))
            .exclude(Exists(is_hidden))
        )

    visible_to = shown_to


class Hit(models.Model):
    """One item that was new or changed for the searches of a user, on the day of one digest.

    version: digest of the item's public texts, so that the same item is sent again only after it has changed.
    reasons: [{"search": public id, "name": name of the search, "why": sentence}].
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscription_hits", verbose_name="订阅人"
    )
    achievement = models.ForeignKey(Achievement, models.CASCADE, null=True, related_name="+", verbose_name="成果")
    demand = models.ForeignKey(Demand, models.CASCADE, null=True, related_name="+", verbose_name="需求")
    version = models.CharField(max_length=64)
    is_change = models.BooleanField("有更新", default=False)
    was_anonymous = models.BooleanField(default=False)
    reasons = models.JSONField("符合的订阅", default=list)
    day = models.DateField("日期", default=timezone.localdate)

    objects = HitQuerySet.as_manager()

    class Meta:
        verbose_name = "订阅到的内容"
        verbose_name_plural = "订阅到的内容"
        # Within a day in no order: what a district publishes at once would stand together.
        ordering = ["-day", "public_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(achievement=None, demand__isnull=False) | Q(achievement__isnull=False, demand=None),
                name="hit_of_one_item",
            ),
            models.UniqueConstraint(
                fields=["user", "achievement", "version"],
                condition=Q(achievement__isnull=False),
                name="hit_achievement_once",
            ),
            models.UniqueConstraint(
                fields=["user", "demand", "version"], condition=Q(demand__isnull=False), name="hit_demand_once"
            ),
        ]
        indexes = [models.Index(fields=["user", "-day"], name="hit_by_day")]

    def __str__(self) -> str:
        return f"订阅到 {self.public_id}"

    @property
    def item(self) -> Item:
        """Reads `achievement` or `demand`: select them."""
        return _one_of(self.achievement, self.demand)


def _one_of(achievement: Achievement | None, demand: Demand | None) -> Item:
    item = achievement or demand
    if item is None:
        raise ValueError("a row without an item")
    return item


MAX_VIEWS = 20
"""Saved views of one user on one list."""


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of_user(self, user: User | AnonymousUser) -> Self:
        """The user's own. No role sees those of others."""
        return self.filter(user=scope_of(user).user_id)

    visible_to = of_user


class SavedView(PlainText, models.Model):
    """保存的视图: the filters and the order of a list under a name, to open them again. Nothing is sent about it.

    page: URL name of the list; query: its query string, without the number of the page.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="用户")
    page = models.CharField("列表", max_length=40)
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=500)
    made_at = models.DateTimeField("保存时间", default=timezone.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "保存的视图"
        verbose_name_plural = "保存的视图"
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"],
                name="saved_view_name_once",
                violation_error_message="您已有同名的视图，请换一个名称。",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(query=""),
                name="saved_view_has_name_and_filters",
                violation_error_message="请写视图的名称，并至少选一个条件。",
            ),
        ]

    def __str__(self) -> str:
        return f"视图 {self.public_id}"
