"""What the by-need view of the review desk shows: a demand's core and up to five candidates side by side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from demands.models import Demand
from matching.demand_hints import missing_hint
from matching.engine.candidates import MAX_CANDIDATES
from matching.engine.passages import Passage, choose_passages, first_passages, marked_passage, terms_of_relations
from matching.labels import FACT_LABELS, RESULT_LABELS, VERDICT_LABELS, offer_text
from matching.learning.level_precision import odds_sentence
from matching.models import DemandReview, Match, Reservation
from matching.readings.shown import ShownReading, readings_of
from matching.services.demand_destinations import default_destination, destination_problem
from matching.services.demand_review import MAX_ACCEPTED_PER_DEMAND
from matching.shown_feedback import feedback_of

MAX_DEMANDS = 8
"""Demands that one request loads."""
MAX_OTHERS = 9
MAX_PASSAGES = 3
MAX_PASSAGES_OF_CANDIDATE = 2
MAX_LINES = 3
QUESTION_LABELS = "甲乙丙丁戊"
"""Sentences of a demand, and lines under 还缺 and 排除."""
RESULT_MARKS = {"met": "y", "missed": "n", "partial": "o", "check": "o", "incomparable": "o", "unstated": "u"}
TO_BE_ASKED = {"partial", "check", "incomparable"}
VERDICT_MARKS = {"fits": "y", "contradicts": "n", "talk": "o", "unknown": "u"}
"""Letter of the style of a compared value: yes, no, open, unstated."""
COMPARED_FACTS = ("price", "stage", "ways", "period", "exclusivity")
PROBABILITY_IS_MISSING = "手工建立或较早的匹配，没有推算采纳的可能。"


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """One row of 要求的数值. `mark`: y, n, o or u; `label` says the same in words."""

    name: str
    text: str
    mark: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Candidate:
    """A proposed match, as one column of the page. `number`: 1–5; `viewer`: a colleague who has it open, or empty;
    `reading`: what the second reader says; `feedback`: what the sides themselves say against the pair."""

    match: Match
    number: int
    viewer: str = ""
    reading: ShownReading | None = None
    feedback: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        return self.match.level == Match.Level.HIGH

    @property
    def level_word(self) -> str:
        return str((Match.Level.HIGH if self.is_sure else Match.Level.CANDIDATE).label)

    @property
    def odds(self) -> str:
        probability = self.match.probability
        return PROBABILITY_IS_MISSING if probability is None else odds_sentence(probability)

    @cached_property
    def terms(self) -> list[str]:
        return [*self.match.shared_terms, *terms_of_relations(self.match.related_terms)]

    @cached_property
    def passages(self) -> list[Passage]:
        """The sentence of the achievement that is most similar to one of the demand, then those with most of the terms
        that both share."""
        achievement = self.match.achievement
        text = f"{achievement.summary}\n{achievement.innovation}"
        aligned = [marked_passage(self.match.aligned_sentences[1], self.terms)] if self.match.aligned_sentences else []
        known = {passage.text for passage in aligned}
        further = (passage for passage in choose_passages(text, self.terms) if passage.text not in known)
        return [*aligned, *further][:MAX_PASSAGES_OF_CANDIDATE]

    @property
    def answered(self) -> str:
        """The sentence of the demand that the achievement answers best, or ""."""
        return self.match.aligned_sentences[0] if self.match.aligned_sentences else ""

    @cached_property
    def values(self) -> list[ComparedValue]:
        """The indicators of the demand, then the conditions that either side states."""
        values = [
            ComparedValue(
                name=row.get("name") or "—",
                text=offer_text(row) or RESULT_LABELS["unstated"],
                mark=RESULT_MARKS.get(row.get("result", ""), "u"),
                label=RESULT_LABELS.get(row.get("result", ""), ""),
                detail="；".join(filter(None, (f"要求：{row.get('need') or '—'}", row.get("note", "")))),
            )
            for row in self._indicator_rows
        ]
        for kind in COMPARED_FACTS:
            fact = self._facts.get(kind)
            if fact is None or (fact["verdict"] == "unknown" and not fact.get("brief")):
                continue
            label = VERDICT_LABELS.get(fact["verdict"], "")
            values.append(
                ComparedValue(
                    name=FACT_LABELS[kind],
                    text=fact.get("brief") or label,
                    mark=VERDICT_MARKS.get(fact["verdict"], "u"),
                    label=label,
                    detail=fact["sentence"],
                )
            )
        return values

    @cached_property
    def missing(self) -> list[str]:
        """What to ask before the two sides meet: values that the achievement does not state, terms to be discussed."""
        unstated = [row.get("name") or "—" for row in self._indicator_rows if row.get("result") == "unstated"]
        lines = ["%(names)s是多少（成果没有写）" % {"names": "、".join(unstated)}] if unstated else []
        unsure = [row for row in self._indicator_rows if row.get("result") in TO_BE_ASKED]
        lines += [f"{row.get('name') or '—'}：{row.get('note') or RESULT_LABELS[row['result']]}" for row in unsure]
        talks = [self._facts[kind] for kind in (*COMPARED_FACTS, "limits", "registered_limits") if kind in self._facts]
        lines += [fact["sentence"] for fact in talks if fact["verdict"] == "talk"]
        return lines[:MAX_LINES]

    @cached_property
    def exclusions(self) -> list[str]:
        """What speaks against the pair."""
        missed = [
            f"{row.get('name') or '—'}：要求 {row.get('need') or '—'}，成果 {offer_text(row) or '—'}"
            for row in self._indicator_rows
            if row.get("result") == "missed"
        ]
        against = [
            fact["sentence"]
            for kind, fact in self._facts.items()
            if fact["verdict"] == "contradicts" and not (kind == "indicators" and missed)
        ]
        return [*missed, *against][:MAX_LINES]

    @cached_property
    def _facts(self) -> dict[str, dict]:
        return {fact["kind"]: fact for fact in self.match.facts}

    @property
    def _indicator_rows(self) -> list[dict]:
        return self._facts.get("indicators", {}).get("rows") or []


@dataclass(frozen=True)
class DemandSheet:
    """A demand and its candidates. `waiting`: how many wait in all; `others`: its decided or held proposals."""

    demand: Demand
    candidates: list[Candidate]
    waiting: int
    accepted: int
    others: list[Match]

    @property
    def unlisted(self) -> int:
        return self.waiting - len(self.candidates)

    @property
    def may_accept(self) -> int:
        return max(0, MAX_ACCEPTED_PER_DEMAND - self.accepted)

    @cached_property
    def questions(self) -> list[tuple[str, Passage, list[int]]]:
        """The sentences of the demand that the candidates answer, as (甲, sentence, numbers of the candidates), in the
        order of the text; without any, its first sentences."""
        text = f"{self.demand.problem}\n{self.demand.goal}"
        terms = list(dict.fromkeys(term for candidate in self.candidates for term in candidate.terms))
        numbers: dict[str, list[int]] = {}
        for candidate in self.candidates:
            if candidate.answered:
                numbers.setdefault(candidate.answered, []).append(candidate.number)
        if not numbers:
            shown = choose_passages(text, terms, most=MAX_PASSAGES) or first_passages(text, most=2)
            return [("", passage, []) for passage in shown]
        ordered = sorted(numbers, key=lambda sentence: (text.find(sentence[:20]), sentence))
        labels = QUESTION_LABELS if len(ordered) > 1 else [""]
        return [
            (label, marked_passage(sentence, terms), numbers[sentence])
            for label, sentence in zip(labels, ordered, strict=False)
        ]

    @cached_property
    def hint(self) -> str:
        """What the demand should say in addition, or ""."""
        return missing_hint(self.demand)

    @cached_property
    def default_destination(self) -> DemandReview.Destination:
        return default_destination(self.demand, accepted=self.accepted > 0)

    @cached_property
    def destinations(self) -> list[tuple[str, str, str, bool]]:
        """(value, label, why it is not possible now, whether it is the default) of each destination."""
        return [
            (value, label, destination_problem(self.demand, value), value == self.default_destination)
            for value, label in DemandReview.Destination.choices
        ]


def waiting_demands(user: User, q: str = "") -> QuerySet:
    """Rows {demand__public_id, demand__title, demand__firm__name, number, best} of the demands with waiting matches,
    the best match first. `q`: a part of the title or of the firm's name."""
    rows = Match.objects.waiting_for(user)
    if q:
        rows = rows.filter(Q(demand__title__icontains=q) | Q(demand__firm__name__icontains=q))
    return (
        rows.order_by()
        .values("demand__public_id", "demand__title", "demand__firm__name")
        .annotate(number=Count("pk"), best=Max("score"))
        .order_by("-best", "demand__public_id")
    )


def opened_by_colleagues(user: User) -> list[str]:
    """The demands that `user` manages and of which a colleague has a match open."""
    reservations = Reservation.objects.current().exclude(user=user).filter(is_open=True)
    managed = reservations.filter(match__in=Match.objects.managed_by(user))
    return list(managed.values_list("match__demand__public_id", flat=True).distinct())


def first_unreserved(user: User, ids: list[str]) -> str:
    """The first of these demands that no colleague has open, else the first."""
    opened = set(opened_by_colleagues(user))
    return next((public_id for public_id in ids if public_id not in opened), ids[0])


def load_demands(public_ids: Iterable[str], user: User) -> list[DemandSheet]:
    """The first MAX_DEMANDS of these demands that `user` manages, in this order. The number of queries is constant."""
    wanted = list(dict.fromkeys(public_ids))[:MAX_DEMANDS]
    rows = Demand.objects.managed_by(user).filter(public_id__in=wanted)
    rows = rows.select_related("firm__stat_region", "industry").prefetch_related("indicators")
    demands = {demand.public_id: demand for demand in rows}
    keys = [demand.pk for demand in demands.values()]
    matches, candidates, numbers = _matches_by_demand(user, keys), _candidates(user, keys), _numbers(user, keys)
    sheets = []
    for public_id in wanted:
        if (demand := demands.get(public_id)) is None:
            continue
        listed = candidates[demand.pk]
        shown = {candidate.match.pk for candidate in listed}
        waiting, accepted = numbers.get(demand.pk, (0, 0))
        sheets.append(
            DemandSheet(
                demand=demand,
                candidates=listed,
                waiting=waiting,
                accepted=accepted,
                others=[match for match in matches[demand.pk] if match.pk not in shown][:MAX_OTHERS],
            )
        )
    return sheets


def _candidates(user: User, keys: list[int]) -> dict[int, list[Candidate]]:
    """The best waiting matches of each demand."""
    place = Window(RowNumber(), partition_by=F("demand"), order_by=[F("score").desc(), F("pk")])
    due = Match.objects.waiting_for(user).filter(demand__in=keys)
    best = Match.objects.filter(pk__in=due.values("pk")).annotate(place=place).filter(place__lte=MAX_CANDIDATES)
    rows = list(best.select_related("achievement__institution", "run").order_by("demand", "place"))
    viewers = dict(
        Reservation.objects.current()
        .filter(match__in=rows, is_open=True)
        .exclude(user=user)
        .values_list("match_id", "user__name")
    )
    readings, feedback = readings_of(rows), feedback_of(rows)
    by_demand: defaultdict[int, list[Candidate]] = defaultdict(list)
    for row in rows:
        words = tuple(feedback.get((row.achievement_id, row.demand_id), ()))
        candidate = Candidate(row, row.place, viewers.get(row.pk, ""), readings.get(row.pk), words)
        by_demand[row.demand_id].append(candidate)
    return by_demand


def _matches_by_demand(user: User, keys: list[int]) -> dict[int, list[Match]]:
    """The best matches of each demand whatever their status."""
    place = Window(RowNumber(), partition_by=F("demand"), order_by=[F("score").desc(), F("pk")])
    rows = Match.objects.managed_by(user).filter(demand__in=keys).annotate(place=place)
    rows = rows.filter(place__lte=MAX_CANDIDATES + MAX_OTHERS).select_related("achievement__institution")
    by_demand: defaultdict[int, list[Match]] = defaultdict(list)
    for row in rows.order_by("demand", "place"):
        by_demand[row.demand_id].append(row)
    return by_demand


def _numbers(user: User, keys: list[int]) -> dict[int, tuple[int, int]]:
    """How many matches of each demand wait for the user, and how many are accepted."""
    due = Match.objects.waiting_for(user).filter(demand__in=keys)
    counted = Match.objects.managed_by(user).filter(demand__in=keys).order_by().values_list("demand")
    rows = counted.annotate(
        waiting=Count("pk", filter=Q(pk__in=due.values("pk"))),
        accepted=Count("pk", filter=Q(status=Match.Status.ACCEPTED)),
    )
    return {demand: (waiting, accepted) for demand, waiting, accepted in rows}
