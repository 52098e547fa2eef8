"""收件箱: everything that firms, districts and the city ask of an institution's office, as one list.

The rows of all kinds are joined in the database, so that pages, counts and order need no list in memory. What waits is
what the sources of open work (待办) say, with their clocks: a number here and there is the same number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from correspondence.kinds import BY_KEY, KINDS, OWN_STATUS, InboxKind
from correspondence.models import Handover
from correspondence.people import name_behind
from correspondence.waiting import still_asked
from matching.awaiting import with_answer_day
from open_work.sources import Clock, OpenWork, open_work_of

STATES = {
    "todo": "等本单位办",
    "new": "待答复",
    "handed": "已交给完成人",
    "approve": "待核对发送",
    "other": "等对方",
    "done": "已答复",
    "": "全部",
}
"""Tabs. 等本单位办 are all rows that wait, whoever writes the answer."""
BADGES = {"new": "b-wait", "handed": "b-hold", "approve": "b-go", "other": "plain", "done": "b-ok"}
TARGETS = ("approach", "question", "follow_up")
NEVER = date(9999, 12, 31)
NO_DAY = Cast(Value(None), DateField())
"""Typed, so that parts of a union in which no row has a day fit to the others."""
COLUMNS = ("inbox_kind", "pk", "inbox_since", "inbox_due", "inbox_state", "inbox_todo", "inbox_late")


@dataclass(frozen=True)
class InboxFilter:
    """What the list is narrowed to; empty values do not narrow. `item`: public id of an achievement."""

    state: str = "todo"
    kind: str = ""
    work: str = ""
    item: str = ""
    college: str = ""
    q: str = ""
    late: bool = False
    mine: bool = False


@dataclass(frozen=True)
class InboxRow:
    kind: InboxKind
    row: Any
    who: str
    title: str
    text: str
    url: str
    achievement: Achievement | None
    since: datetime
    due_on: date | None
    state: str
    is_todo: bool
    late_days: int
    handover: Handover | None = None
    completer: str = ""
    own_status: str = ""
    badge: str = field(default="plain")

    @property
    def key(self) -> str:
        return f"{self.kind.key}-{self.row.public_id}"

    @property
    def state_label(self) -> str:
        if self.state == "handed":
            is_over = self.handover is not None and self.handover.is_over
            return f"{self.completer}没有答复，链接已过期" if is_over else f"已交给{self.completer}"
        return STATES[self.state]

    @property
    def age(self) -> int:
        """Days since it came."""
        return (timezone.localdate() - timezone.localdate(self.since)).days


class Inbox:
    """The inbox of one user.

    One query for each kind of open work gives the keys of what waits; then two for the counts and the keys of a page,
    and one for each kind on the page. As one statement, with the conditions of all kinds in it, it was 20 times slower.
    """

    def __init__(self, user: User, chosen: InboxFilter) -> None:
        self.user, self.chosen = user, chosen
        self.works: dict[str, OpenWork] = {work.key: work for work in open_work_of(user)}
        self._waiting: dict[str, dict[str, list[int]]] = {}
        self._parts = [part for kind in KINDS if (part := self._part(kind)) is not None]

    # --- Counts and keys ---
    def counts(self) -> dict[str, int]:
        """{tab: number of rows}, with the other filters applied. One query."""
        totals = dict.fromkeys(STATES, 0)
        grouped = [
            part.order_by().values("inbox_state", "inbox_todo").annotate(number=Count("pk")) for part in self._parts
        ]
        if not grouped:
            return totals
        for row in _union(grouped):
            totals[row["inbox_state"]] += row["number"]
            totals[""] += row["number"]
            totals["todo"] += row["number"] if row["inbox_todo"] else 0
        return totals

    def keys(self) -> QuerySet[Any, Any]:
        """Rows of the chosen tab as dictionaries of COLUMNS: first what waits, the most urgent first."""
        parts = [self._in_state(part) for part in self._parts]
        if not parts:
            return Handover.objects.none().values("pk")
        ordered = [part.order_by().annotate(inbox_order=Coalesce("inbox_due", NEVER)) for part in parts]
        joined = _union([part.values(*COLUMNS, "inbox_order") for part in ordered])
        return joined.order_by("-inbox_todo", "inbox_order", "-inbox_since", "inbox_kind", "pk")

    def rows(self, keys: Iterable[dict[str, Any]]) -> list[InboxRow]:
        """The rows of a page in the order of their keys."""
        keys = list(keys)
        wanted: dict[str, set[int]] = {}
        for key in keys:
            wanted.setdefault(key["inbox_kind"], set()).add(key["pk"])
        fetched = {name: BY_KEY[name].rows(self.user).in_bulk(list(pks)) for name, pks in wanted.items()}
        handovers = self._handovers(wanted)
        return [
            self._row(BY_KEY[key["inbox_kind"]], fetched[key["inbox_kind"]][key["pk"]], key, handovers)
            for key in keys
            if key["pk"] in fetched[key["inbox_kind"]]
        ]

    def row_of(self, kind: InboxKind, public_id: str) -> InboxRow | None:
        """One row, whatever is filtered."""
        part = self._annotated(kind).filter(public_id=public_id)
        key = part.order_by().values(*COLUMNS).first()
        return self.rows([key])[0] if key else None

    def neighbours(self, row: InboxRow) -> tuple[InboxRow | None, InboxRow | None]:
        """The waiting rows before and after this one in the order of the list; at the ends the other end, or None."""
        keys = list(self.keys()[:500])
        places = [at for at, key in enumerate(keys) if (key["inbox_kind"], key["pk"]) == (row.kind.key, row.row.pk)]
        others = [key for key in keys if (key["inbox_kind"], key["pk"]) != (row.kind.key, row.row.pk)]
        if not others:
            return None, None
        at = places[0] if places else 0
        chosen = [others[(at - 1) % len(others)], others[at % len(others)]]
        before, after = (self.rows([key])[0] for key in chosen)
        return before, after

    # --- Parts ---
    def _part(self, kind: InboxKind) -> QuerySet | None:
        chosen = self.chosen
        if chosen.kind and chosen.kind != kind.key:
            return None
        if (chosen.item or chosen.college) and not kind.item:
            return None
        rows = self._annotated(kind)
        if chosen.work:
            rows = rows.filter(self._waits(kind, [chosen.work]))
        if chosen.item:
            rows = rows.filter(**{f"{kind.item}__public_id": chosen.item})
        if chosen.college:
            rows = rows.filter(**{f"{kind.item}__college": chosen.college})
        if chosen.late:
            rows = rows.filter(inbox_late=True)
        if chosen.mine:
            rows = rows.filter(self._mine(kind))
        return self._searched(kind, rows, chosen.q) if chosen.q else rows

    def _searched(self, kind: InboxKind, rows: QuerySet, q: str) -> QuerySet:
        """In what the office reads of its own items and of the question; never in the title of an anonymous demand."""
        if kind.search is not None:
            found_in = kind.search(rows, self.user, q)
            return found_in | rows.filter(
                Q(achievement__lead_person__icontains=q) | Q(achievement__college__icontains=q)
            )
        conditions = [f"{kind.item}__{name}" for name in ("title", "lead_person", "college") if kind.item]
        conditions += kind.searched
        return rows.filter(reduce(or_, (Q(**{f"{name}__icontains": q}) for name in conditions), Q(pk__in=[])))

    def _mine(self, kind: InboxKind) -> Q:
        mine = Q(pk__in=[])
        if kind.item:
            mine |= Q(**{f"{kind.item}__created_by": self.user.pk})
        if kind.handed:
            own = Handover.objects.filter(made_by=self.user.pk, **{kind.handed: OuterRef("pk")})
            mine |= Q(Exists(own))
        return mine

    def _in_state(self, part: QuerySet) -> QuerySet:
        state = self.chosen.state
        if state == "todo":
            return part.filter(inbox_todo=True)
        return part.filter(inbox_state=state) if state else part

    def _annotated(self, kind: InboxKind) -> QuerySet:
        """The rows of the kind with COLUMNS."""
        waits = self._waits(kind, [*kind.works, "completer-answers"])
        clock = next((self.works[key].clock for key in kind.works if key in self.works), Clock(kind.since))
        rows = kind.rows(self.user)
        if clock.due == "answer_on":
            rows = with_answer_day(rows, self.user)
        on_clock = self._waits(kind, kind.works[:1])
        due = _due_day(clock, kind.since)
        late = Q(inbox_todo=True, inbox_due__lt=timezone.localdate())
        return rows.annotate(
            inbox_kind=Value(kind.key, output_field=CharField()),
            inbox_since=Cast(F(kind.since), DateTimeField()),
            inbox_todo=_boolean(waits),
            inbox_due=Case(When(on_clock, then=due), default=NO_DAY, output_field=DateField()),
            inbox_state=self._state(kind, waits),
        ).annotate(inbox_late=_boolean(late))

    def _state(self, kind: InboxKind, waits: Q) -> Case:
        handed = []
        if kind.handed:
            own = Handover.objects.filter(institution__in=self.user.scope.institution_ids)
            with_completer = self._keys_of("with completer", still_asked(own.with_completer()), kind.handed)
            handed = [
                When(self._waits(kind, ["completer-answers"]), then=Value("approve")),
                When(pk__in=with_completer, then=Value("handed")),
            ]
        return Case(
            *handed,
            When(waits, then=Value("new")),
            When(kind.other, then=Value("other")),
            default=Value("done"),
            output_field=CharField(),
        )

    def _waits(self, kind: InboxKind, works: Iterable[str]) -> Q:
        """Condition on a row of the kind: one of these kinds of open work counts it."""
        keys: list[int] = []
        for name in works:
            work = self.works.get(name)
            if work is None:
                continue
            if work.rows.model is kind.model:
                keys += self._keys_of(name, work.rows, "pk")
            elif work.rows.model is Handover and kind.handed:
                keys += self._keys_of(name, work.rows, kind.handed)
        return Q(pk__in=keys)

    def _keys_of(self, name: str, rows: QuerySet, column: str) -> list[int]:
        """The values of the column (pk, or one of TARGETS) in these rows, read once under this name."""
        kept = self._waiting.get(name)
        if kept is None:
            columns = ("pk",) if column == "pk" else TARGETS
            kept = self._waiting[name] = {place: [] for place in columns}
            for values in rows.order_by().values_list(*columns):
                for place, value in zip(columns, values, strict=True):
                    if value is not None:
                        kept[place].append(value)
        return kept[column]

    # --- Shown ---
    def _handovers(self, wanted: dict[str, set[int]]) -> dict[tuple[str, int], Handover]:
        """{(field, row): its last handover that was not called back}."""
        condition = Q(pk__in=[])
        for name, pks in wanted.items():
            if BY_KEY[name].handed:
                condition |= Q(**{f"{BY_KEY[name].handed}__in": pks})
        rows = Handover.objects.visible_to(self.user).filter(condition, revoked_at=None).order_by("made_at", "pk")
        latest = {}
        rows = rows.select_related("achievement__institution", "institution", "made_by", "decided_by")
        for row in rows.prefetch_related("achievement__completers"):
            for name in TARGETS:
                if pk := getattr(row, f"{name}_id"):
                    latest[name, pk] = row
        return latest

    def _row(
        self, kind: InboxKind, row: Any, key: dict[str, Any], handovers: dict[tuple[str, int], Handover]
    ) -> InboxRow:
        due = key["inbox_due"]
        handover = handovers.get((kind.handed, row.pk)) if kind.handed else None
        is_handed = handover is not None and handover.is_open
        completer = ""
        if handover is not None and is_handed:
            completer = name_behind(handover.achievement, handover.fingerprint)
        return InboxRow(
            kind=kind,
            row=row,
            who=kind.who(row, self.user),
            title=kind.title(row),
            text=kind.text(row),
            url=kind.url(row),
            achievement=kind.achievement_of(row),
            since=key["inbox_since"],
            due_on=due,
            state=key["inbox_state"],
            is_todo=key["inbox_todo"],
            late_days=max((timezone.localdate() - due).days, 0) if due and key["inbox_todo"] else 0,
            handover=handover,
            completer=completer,
            own_status=OWN_STATUS[kind.model](row),
            badge=BADGES[key["inbox_state"]],
        )


def colleges_of(user: User) -> list[str]:
    """The colleges of the office's achievements."""
    own = Achievement.objects.managed_by(user).filter(institution__in=user.scope.institution_ids)
    return list(own.exclude(college="").order_by("college").values_list("college", flat=True).distinct())


def _boolean(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _due_day(clock: Clock, since: str) -> Any:
    if clock.due:
        return F(clock.due)
    if clock.days:
        return Cast(TruncDate(since) + timedelta(days=clock.days), DateField())
    return NO_DAY


def _union(parts: list[QuerySet]) -> QuerySet:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
