"""The query string of an institution's table of achievements: words, filters, columns, order."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from achievements.models.achievement import AchievementQuerySet
from core.pagination import PAGE_SIZE
from portfolio.columns import COLUMNS, DEFAULT_COLUMNS
from portfolio.counts import SORTS, with_numbers
from portfolio.models import PatentStatus
from portfolio.open_work import EXPIRES_SOON
from taxonomy.models import Industry

WORDS = ("title", "registry_number", "lead_person", "college", "summary")
RELATED_WORDS = ("completers__name", "intellectual_property__number")
MOST_CHARS, MOST_WORDS = 100, 8
ROW_NUMBERS = (str(PAGE_SIZE), "50", "100")
"""Rows on a page that may be chosen."""
RETURNED = "returned"
FRESHNESS = {
    "new": "30 天内更新过",
    "stale": "60 天没更新",
    "old": "180 天没更新",
    "expiring": "30 天内到期或已到期",
    "fees": "专利年费快到期或已过期",
}
INTEREST = {
    "waiting": "有询问等答复",
    "some": "12 周内有人关注",
    "none": "12 周内没人关注",
    "unmatched": "还没有采纳的匹配",
    "talks": "正在对接",
}
AUTHORS = {"me": "我录入的", "others": "同事录入的"}
FIELDS = ("q", "status", "owner", "college", "industry", "stage", "fresh", "interest", "author")
LABELS = {
    "q": "找",
    "status": "状态",
    "owner": "单位",
    "college": "学院",
    "industry": "产业链",
    "stage": "所处阶段",
    "fresh": "更新",
    "interest": "关注",
    "author": "录入人",
}
STAGES = dict(Achievement.Stage.choices)
OWN_ORDERS = {
    "updated": "updated_at",
    "title": "title",
    "college": "college",
    "lead": "lead_person",
    "stage": "maturity_level",
    "expires": "expires_on",
    "price": "price_min_wan",
    "status": "status",
}
"""Order by a column of the achievement; SORTS are orders by numbers."""


class TableFilter:
    """What the query string asks for. Values that are not offered are ignored. `values`: {field: value in use}."""

    def __init__(self, data: QueryDict, user: User) -> None:
        self.user = user
        values = {name: data.get(name, "").replace("\0", "").strip()[:MOST_CHARS] for name in FIELDS}
        offered = {"stage": STAGES, "fresh": FRESHNESS, "interest": INTEREST, "author": AUTHORS}
        offered["status"] = {RETURNED: ""} | dict(Achievement.Status.choices)
        self.values = {
            name: value for name, value in values.items() if value and (name not in offered or value in offered[name])
        }
        sort = data.get("sort", "")[:20]
        self.sort = sort if sort.removeprefix("-") in OWN_ORDERS | SORTS else ""
        wanted = data.get("rows", "")
        self.rows = int(wanted) if wanted in ROW_NUMBERS else PAGE_SIZE
        several = len(user.scope.institution_ids) > 1
        self.default_columns = [name for name in DEFAULT_COLUMNS if several or name != "owner"]
        chosen = [name for name in data.getlist("cols")[: len(COLUMNS) * 2] if name in COLUMNS]
        self.columns = [name for name in COLUMNS if name in chosen] if chosen else self.default_columns

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than a status, an order and columns."""
        return bool(self.values.keys() - {"status"})

    @property
    def query(self) -> str:
        """The query string without the page, for links, the export and saved views."""
        return self.query_without()

    @property
    def tab_query(self) -> str:
        return self.query_without("status")

    @property
    def title_query(self) -> str:
        """The query string of the list ordered by title, or the other way round."""
        order = "-title" if self.sort == "title" else "title"
        return f"{self.query_without('sort')}&sort={order}".removeprefix("&")

    def query_without(self, *names: str) -> str:
        return urlencode([pair for pair in self.pairs if pair[0] not in names])

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters in use, for hidden inputs."""
        pairs = [(name, self.values[name]) for name in FIELDS if name in self.values]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("rows", str(self.rows))] if self.rows != PAGE_SIZE else []
        return pairs + ([("cols", name) for name in self.columns] if self.columns != self.default_columns else [])

    def describe(self, name: str) -> str:
        """The value of a filter for readers."""
        value = self.values.get(name, "")
        labels: dict[str, dict[str, str]] = {
            "stage": STAGES,
            "fresh": FRESHNESS,
            "interest": INTEREST,
            "author": AUTHORS,
            "status": {RETURNED: "被退回"} | dict(Achievement.Status.choices),
        }
        if name == "industry":
            return str(Industry.objects.filter(slug=value).first() or value)
        if name == "owner":
            return str(Organisation.objects.institutions().filter(public_id=value).first() or value)
        return str(labels.get(name, {}).get(value, value))

    @property
    def descriptions(self) -> list[tuple[str, str, str]]:
        """(label, value, the query string without it) of each filter but the status."""
        return [
            (LABELS[name], self.describe(name), self.query_without(name))
            for name in FIELDS
            if name in self.values and name != "status"
        ]

    # --- Rows ----------------------------------------------------------------------------------------------------
    def narrow(self, rows: AchievementQuerySet) -> AchievementQuerySet:
        """The rows of every status that the other filters leave."""
        for word in self.values.get("q", "").split()[:MOST_WORDS]:
            match = Q()
            for name in WORDS:
                match |= Q(**{f"{name}__icontains": word})
            for name in RELATED_WORDS:
                match |= Q(pk__in=Achievement.objects.filter(**{f"{name}__icontains": word}).order_by().values("pk"))
            rows = rows.filter(match)
        for name, condition in self._conditions():
            if name in self.values:
                rows = rows.filter(condition)
        if interest := self.values.get("interest"):
            rows = _of_interest(rows, interest, self.user)
        return rows

    def _conditions(self) -> Iterable[tuple[str, Q]]:
        value, today = self.values.get, timezone.localdate()
        now = timezone.now()
        fresh = {
            "new": Q(updated_at__gte=now - timedelta(days=30)),
            "stale": Q(updated_at__lt=now - timedelta(days=60)),
            "old": Q(updated_at__lt=now - timedelta(days=180)),
            "expiring": Q(expires_on__lte=today + EXPIRES_SOON, status__in=Achievement.REVISABLE),
            "fees": Q(pk__in=PatentStatus.objects.fee_due().order_by().values("achievement")),
        }
        mine = Q(created_by=self.user.pk)
        yield "owner", Q(institution__public_id=value("owner"))
        yield "college", Q(college=value("college"))
        yield "industry", Q(industry__slug=value("industry")) | Q(industry__parent__slug=value("industry"))
        yield "stage", Q(stage=value("stage"))
        yield "fresh", fresh.get(value("fresh", ""), Q())
        yield "author", mine if value("author") == "me" else ~mine | Q(created_by=None)

    def apply(self, rows: AchievementQuerySet) -> AchievementQuerySet:
        """The rows of the list in their order."""
        rows = self.narrow(rows)
        status = self.values.get("status")
        if status == RETURNED:
            rows = rows.returned()
        elif status:
            rows = rows.ready_to_submit() if status == Achievement.Status.DRAFT else rows.filter(status=status)
        return self.order(rows)

    def order(self, rows: AchievementQuerySet) -> AchievementQuerySet:
        name, is_descending = self.sort.removeprefix("-"), self.sort.startswith("-")
        if not name:
            return rows.order_by("-updated_at", "-pk")
        if name in SORTS:
            rows, path = with_numbers(rows, self.user, [name]), f"{name}_count"
        else:
            path = OWN_ORDERS[name]
        order = F(path).desc(nulls_last=True) if is_descending else F(path).asc(nulls_last=True)
        return rows.order_by(order, "-updated_at", "-pk")


def _of_interest(rows: AchievementQuerySet, interest: str, user: User) -> AchievementQuerySet:
    lookups = {
        "waiting": ("waiting", {"waiting_count__gt": 0}),
        "some": ("interest", {"interest_count__gt": 0}),
        "none": ("interest", {"interest_count": 0}),
        "unmatched": ("matches", {"matches_count": 0}),
        "talks": ("follow_ups", {"follow_ups_count__gt": 0}),
    }
    name, condition = lookups[interest]
    # In a subquery: an order by the same number adds its annotation to the outer rows.
    keys = with_numbers(Achievement.objects.all(), user, [name]).filter(**condition).order_by().values("pk")
    return rows.filter(pk__in=keys)


def filter_options(own: QuerySet[Achievement], owners: Iterable[Organisation]) -> dict[str, list[tuple[str, str]]]:
    """{filter: (value, label) pairs} of the choices that the user's achievements have. Two queries."""
    own = own.order_by()
    owners = list(owners)
    industries = Industry.objects.filter(pk__in=own.values("industry")).order_by("order", "name")
    colleges = own.exclude(college="").order_by("college").values_list("college", flat=True).distinct()
    return {
        "owner": [(row.public_id, str(row)) for row in owners] if len(owners) > 1 else [],
        "college": [(name, name) for name in colleges],
        "industry": [(row.slug, row.name) for row in industries],
        "stage": list(STAGES.items()),
        "fresh": list(FRESHNESS.items()),
        "interest": list(INTEREST.items()),
        "author": list(AUTHORS.items()),
    }
