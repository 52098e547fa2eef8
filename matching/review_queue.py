"""The list of the review desk: which matches, filtered and ordered, a window at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from math import ceil
from operator import or_
from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import MD5, Concat
from django.utils import timezone

from accounts.models import Organisation, Region, User
from accounts.requests import UserRequest
from matching.models import Decision, Match, MatchRun, Question, Reservation
from taxonomy.models import Industry

WINDOW_SIZE = 60
SCORE_RANGES = {"80": (80, 101), "70": (70, 80), "60": (60, 70), "0": (0, 60)}
"""Lowest score of each range, and the lowest above it."""
SCORE_CHOICES = (
    ("", "全部匹配度"),
    ("80", "80 分以上"),
    ("70", "70–79 分"),
    ("60", "60–69 分"),
    ("0", "60 分以下"),
)

VIEWS: dict[str, tuple[Any, Callable[[Any, User], QuerySet[Match]]]] = {
    "mine": ("待我审核", lambda rows, user: rows.waiting_for(user)),
    "colleagues": ("等同事审核", lambda rows, user: rows.assigned_to_colleagues_of(user)),
    "asked": ("提问中", lambda rows, user: rows.managed_by(user).with_open_question()),
    "held": ("暂缓中", lambda rows, user: rows.managed_by(user).on_hold()),
    "appeals": ("请市里复议", lambda rows, user: rows.managed_by(user).appealed()),
    "decided": ("已审核", lambda rows, user: rows.managed_by(user).decided()),
    "passed": ("未选", lambda rows, user: rows.managed_by(user).passed_over()),
}
NEWEST_FIRST = {"decided", "appeals", "passed"}
SAMPLE_SIZE = 20


class QueueForm(forms.Form):
    """Filters of the list. Invalid values are ignored, so that an old link still shows a list."""

    view = forms.ChoiceField(label="看哪些", choices=[(name, label) for name, (label, _rows) in VIEWS.items()])
    q = forms.CharField(label="搜索", max_length=50, required=False)
    industry = forms.ModelChoiceField(
        Industry.objects.filter(parent=None), label="产业链", required=False, empty_label="全部产业链"
    )
    institution = forms.ModelChoiceField(
        Organisation.objects.institutions(), label="院校", required=False, empty_label="全部院校"
    )
    region = forms.ModelChoiceField(
        Region.objects.reporting(), label="区市县", required=False, empty_label="全部区市县"
    )
    level = forms.ChoiceField(label="匹配度", required=False, choices=SCORE_CHOICES)
    fresh = forms.BooleanField(label="只看上一批以来新推荐的", required=False)
    sure = forms.BooleanField(label="只看级别“高”的", required=False)
    sample = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    """With the view of those passed over: a moment (seconds since 1970) that draws SAMPLE_SIZE of them at random."""


@dataclass(frozen=True)
class ReviewQueue:
    """The ordered matches of one view as this user sees them. `filters`: the valid values of `QueueForm`."""

    user: User
    view: str = "mine"
    filters: dict = field(default_factory=dict)

    @classmethod
    def from_request(cls, request: UserRequest) -> "ReviewQueue":
        form = QueueForm({"view": "mine"} | request.GET.dict())
        form.is_valid()
        filters = {name: value for name, value in form.cleaned_data.items() if value and name != "view"}
        return cls(request.user, form.cleaned_data.get("view") or "mine", filters)

    @property
    def rows(self) -> QuerySet[Match]:
        _label, rows = VIEWS[self.view]
        if self.sample:
            return sample_of_passed_over(self.user, self.sample).filter(*self._conditions()).order_by(*self._order)
        return rows(Match.objects, self.user).filter(*self._conditions()).order_by(*self._order)

    @property
    def sample(self) -> int | None:
        return self.filters.get("sample") if self.view == "passed" else None

    @property
    def _order(self) -> list:
        return [F("reviewed_at").desc(), "pk"] if self.view in NEWEST_FIRST else ["-score", "pk"]

    def _conditions(self) -> Iterator[Q]:
        filters = self.filters
        if q := filters.get("q"):
            yield _name_contains(q)
        if industry := filters.get("industry"):
            industries = Industry.objects.filter(Q(pk=industry.pk) | Q(parent=industry.pk))
            yield Q(achievement__industry__in=industries) | Q(demand__industry__in=industries)
        if institution := filters.get("institution"):
            yield Q(achievement__institution=institution)
        if region := filters.get("region"):
            yield Q(demand__firm__stat_region=region)
        if level := filters.get("level"):
            low, high = SCORE_RANGES[level]
            yield Q(score__gte=low, score__lt=high)
        if filters.get("sure"):
            yield Q(level=Match.Level.HIGH)
        if filters.get("fresh"):
            batch = MatchRun.objects.batches().done().order_by("-queued_at").only("queued_at").first()
            since = MatchRun.objects.done().exclude(engine=MatchRun.MANUAL)
            yield Q(first_run__in=since.filter(queued_at__gte=batch.queued_at) if batch else since)

    def window(self, after: str = "", size: int | None = None) -> list[Match]:
        """The next rows after the match with this public id (it may have left the list), or the first rows."""
        rows = self.rows
        if after and (last := Match.objects.managed_by(self.user).filter(public_id=after).first()):
            name = "reviewed_at" if self.view in NEWEST_FIRST else "score"
            value = getattr(last, name)
            rows = rows.filter(Q(**{f"{name}__lt": value}) | Q(**{name: value}, pk__gt=last.pk))
        return list(with_row_data(rows)[: size or WINDOW_SIZE])

    def first_unreserved(self) -> Match | None:
        """The first match that no colleague has reserved, else the first."""
        reserved = Reservation.objects.current().exclude(user=self.user)
        free = self.rows.exclude(pk__in=reserved.values("match"))
        return with_row_data(free).first() or with_row_data(self.rows).first()


def new_seed() -> int:
    """A seed for `sample_of_passed_over` that includes what was passed over until now."""
    return ceil(timezone.now().timestamp())


def sample_of_passed_over(user: User, seed: int) -> QuerySet[Match]:
    """SAMPLE_SIZE matches at random of those that were passed over before the moment `seed` (seconds since 1970).

    The same seed draws the same matches, also after some of them were decided anew: a check can be interrupted.
    """
    until = datetime.fromtimestamp(seed, UTC)
    passed = Decision.objects.not_undone().filter(kind=Decision.Kind.PASS, match=OuterRef("pk"), made_at__lte=until)
    lot = MD5(Concat("public_id", Value(str(seed))))
    drawn = Match.objects.managed_by(user).filter(Exists(passed)).order_by(lot).values("pk")[:SAMPLE_SIZE]
    return Match.objects.filter(pk__in=drawn)


def with_row_data(matches: QuerySet[Match]) -> QuerySet[Match]:
    """Add the related rows and annotations that an entry of the list shows."""
    answered = Question.objects.filter(match=OuterRef("pk"), status=Question.Status.ANSWERED)
    asked = Question.objects.filter(match=OuterRef("pk"), status=Question.Status.ASKED)
    return matches.select_related("achievement", "demand__firm__stat_region", "assigned_to", "reviewed_by").annotate(
        is_answered=Exists(answered), is_asked=Exists(asked)
    )


def _name_contains(q: str) -> Q:
    """Search in the titles and organisation names. No index: the list has some thousand rows at most."""
    names = ("demand__title", "demand__firm__name", "achievement__title", "achievement__institution__name")
    return reduce(or_, (Q(**{f"{name}__icontains": q}) for name in names))
