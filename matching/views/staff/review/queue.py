"""The list at the left of the review desk: which matches, narrowed by what, a window at a time."""

from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django import forms
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Region
from matching.models import Match, MatchRun, Question, Reservation
from taxonomy.models import Industry

WINDOW = 60
BANDS = {"80": (80, 101), "70": (70, 80), "60": (60, 70), "0": (0, 60)}
"""Levels of the score: the lowest that belongs to each, and the first that does not."""
LEVELS = (
    ("", _("全部匹配度")),
    ("80", _("80 分以上")),
    ("70", _("70–79 分")),
    ("60", _("60–69 分")),
    ("0", _("60 分以下")),
)

VIEWS = {
    "mine": (_("待我审核"), lambda rows, user: rows.waiting_for(user)),
    "colleagues": (_("等同事审核"), lambda rows, user: rows.with_colleagues_of(user)),
    "asked": (_("提问中"), lambda rows, user: rows.managed_by(user).asked_about()),
    "held": (_("暂缓中"), lambda rows, user: rows.managed_by(user).held()),
    "appeals": (_("请市里复议"), lambda rows, user: rows.managed_by(user).appealed()),
    "decided": (_("已审核"), lambda rows, user: rows.managed_by(user).decided()),
}
LATEST_FIRST = {"decided", "appeals"}


class QueueForm(forms.Form):
    """What the list is narrowed by. Whatever it does not know, it leaves out: an old link still shows a list."""

    view = forms.ChoiceField(label=_("看哪些"), choices=[(name, label) for name, (label, _rows) in VIEWS.items()])
    q = forms.CharField(label=_("搜索"), max_length=50, required=False)
    industry = forms.ModelChoiceField(
        Industry.objects.filter(parent=None), label=_("产业链"), required=False, empty_label=_("全部产业链")
    )
    institution = forms.ModelChoiceField(
        Organisation.objects.institutions(), label=_("院校"), required=False, empty_label=_("全部院校")
    )
    region = forms.ModelChoiceField(
        Region.objects.reporting(), label=_("区市县"), required=False, empty_label=_("全部区市县")
    )
    level = forms.ChoiceField(
        label=_("匹配度"),
        required=False,
        choices=LEVELS,
    )
    fresh = forms.BooleanField(label=_("只看上一批新推荐的"), required=False)


@dataclass(frozen=True)
class Queue:
    """The matches of one list, in their order, as this user sees it."""

    user: object
    view: str = "mine"
    asked: dict = field(default_factory=dict)

    @classmethod
    def of(cls, request) -> "Queue":
        """From the words of an address; unknown ones fall back to everything."""
        form = QueueForm({"view": "mine"} | request.GET.dict())
        form.is_valid()
        asked = {name: value for name, value in form.cleaned_data.items() if value and name != "view"}
        return cls(request.user, form.cleaned_data.get("view") or "mine", asked)

    @property
    def rows(self):
        _label, rows = VIEWS[self.view]
        return rows(Match.objects, self.user).filter(*self._conditions()).order_by(*self._order)

    @property
    def _order(self):
        return [F("reviewed_at").desc(), "pk"] if self.view in LATEST_FIRST else ["-score", "pk"]

    def _conditions(self):
        asked = self.asked
        if q := asked.get("q"):
            yield _says(q)
        if industry := asked.get("industry"):
            yield Q(achievement__industry__in=_with_children(industry)) | Q(
                demand__industry__in=_with_children(industry)
            )
        if institution := asked.get("institution"):
            yield Q(achievement__institution=institution)
        if region := asked.get("region"):
            yield Q(demand__firm__stat_region=region)
        if level := asked.get("level"):
            low, high = BANDS[level]
            yield Q(score__gte=low, score__lt=high)
        if asked.get("fresh"):
            latest = (
                MatchRun.objects.filter(status=MatchRun.Status.DONE)
                .exclude(engine=MatchRun.HAND)
                .order_by("-queued_at")
                .values("pk")[:1]
            )
            yield Q(first_run__in=list(latest.values_list("pk", flat=True)))

    def window(self, after: str = "", size: int = WINDOW) -> list[Match]:
        """The next rows after the match with this public id (it may have left the list), or the first."""
        rows = self.rows
        if after and (last := Match.objects.managed_by(self.user).filter(public_id=after).first()):
            name = "reviewed_at" if self.view in LATEST_FIRST else "score"
            value = getattr(last, name)
            rows = rows.filter(Q(**{f"{name}__lt": value}) | Q(**{name: value}, pk__gt=last.pk))
        return list(as_rows(rows)[:size])

    def first_free(self) -> Match | None:
        """Where to begin: the first that no colleague has in hand, else the first."""
        taken = Reservation.objects.current().exclude(user=self.user)
        free = self.rows.exclude(pk__in=taken.values("match"))
        return as_rows(free).first() or as_rows(self.rows).first()


def as_rows(matches):
    """With what a line of the list shows."""
    answered = Question.objects.filter(match=OuterRef("pk"), status=Question.Status.ANSWERED)
    asked = Question.objects.filter(match=OuterRef("pk"), status=Question.Status.ASKED)
    return matches.select_related("achievement", "demand__firm__stat_region", "assigned_to", "reviewed_by").annotate(
        is_answered=Exists(answered), is_asked=Exists(asked)
    )


def _says(q: str) -> Q:
    """In the names of either side. The rows are few hundred or thousand and narrowed already: no index is needed."""
    names = ("demand__title", "demand__firm__name", "achievement__title", "achievement__institution__name")
    return reduce(or_, (Q(**{f"{name}__icontains": q}) for name in names))


def _with_children(industry):
    return Industry.objects.filter(Q(pk=industry.pk) | Q(parent=industry.pk))
