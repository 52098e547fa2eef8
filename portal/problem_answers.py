"""The answer to a problem in words: candidates with reasons, what they meet, their words, people, bases and brokers.

Nothing is stored. Everything shown is public: the reader may be anybody.
"""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.engine.passages import Passage, choose_passages, first_passages, marked_passage
from matching.items import ACHIEVEMENT_PROSE, row_item
from matching.labels import RESULT_LABELS, offer_text
from matching.models import Match
from matching.registry_indexes import MATCHING_INDEX
from matching.suggestions import Suggestion, suggest_agencies, suggest_brokers
from matching.trial_match import run_trial_match
from mechanism.models import Base
from portal.problem_cells import Problem
from taxonomy.models import Industry

COMPARED, DESCRIBED, NAMED, MAX_ROWS = 3, 5, 5, 9
"""Candidates in the table, candidates described, others that are only named, rows of the table."""
MIN_MENTION = 0.12
"""Cosine from which a sentence of an achievement is about a limit or a wish. Chosen on the demo city's demands."""
WORTH_SHOWING = 0.6
"""Share of the best score from which a candidate is described; the others are only named."""
MAX_QUOTES = 3
_OF_PRICE = {"fits": "met", "talk": "check", "contradicts": "missed", "unknown": "unstated"}
_DELETED = "已删除"


@dataclass(frozen=True)
class Verdict:
    """What one candidate says of one requirement. `result`: met, missed, partial, check, unstated, incomparable."""

    result: str
    text: str = ""

    @property
    def label(self) -> str:
        return "没说" if self.result == "unstated" else RESULT_LABELS[self.result]


@dataclass(frozen=True)
class Candidate:
    """One achievement. `quotes`: its sentences that answer the problem, the best first."""

    match: Match
    verdicts: list[Verdict]
    quotes: list[Passage]
    bases: list[Base]

    @property
    def achievement(self) -> Achievement:
        return self.match.achievement

    @property
    def lead_person(self) -> str:
        person = self.achievement.lead_person
        return "" if person == _DELETED else person

    @property
    def counts(self) -> list[tuple[str, int]]:
        """(满足, 3), (不满足, 1) … without zeros."""
        counts = Counter(verdict.label for verdict in self.verdicts)
        return counts.most_common()


@dataclass(frozen=True)
class Answer:
    """`requirements`: (label, remark) of the rows of the table. `others`: achievements near by, only named."""

    problem: Problem
    requirements: list[tuple[str, str]]
    candidates: list[Candidate]
    others: list[Achievement]
    industry: Industry | None
    brokers: list[Suggestion]
    agencies: list[Suggestion]
    achievement_count: int
    hint: str

    @property
    def compared(self) -> list[Candidate]:
        return self.candidates[:COMPARED]

    @property
    def table(self) -> list[tuple[str, str, list[tuple[Candidate, Verdict]]]]:
        """Rows of (label, remark, cells)."""
        return [
            (label, remark, [(candidate, candidate.verdicts[row]) for candidate in self.compared])
            for row, (label, remark) in enumerate(self.requirements)
        ]


def answer_problem(problem: Problem, *, user: User | AnonymousUser) -> Answer:
    """Compare a problem with the achievements on offer that the user may see."""
    trial = run_trial_match(problem.searched_text, user=user, wanted=problem.facts, compares_all=False)
    best = max((match.score for match in trial.candidates), default=0)
    described = [match for match in trial.candidates if match.score >= WORTH_SHOWING * best][:DESCRIBED]
    industry = _industry([match.achievement for match in (described or trial.others[:3])])
    bases = _bases_of([match.achievement for match in described])
    words = [*problem.words("limit"), *problem.words("wish")]
    requirements = _requirements(problem, words)
    demand = Demand(title=problem.title, industry=industry)
    named = [*trial.candidates[len(described) :], *trial.others][:NAMED]
    return Answer(
        problem=problem,
        requirements=requirements,
        candidates=[_candidate(match, problem, words, bases, len(requirements)) for match in described],
        others=[match.achievement for match in named],
        industry=industry,
        brokers=suggest_brokers(demand, user=user, limit=2) if industry else [],
        agencies=suggest_agencies(demand, user=user, limit=2) if industry else [],
        achievement_count=Achievement.objects.visible_to(user).available().count(),
        hint=trial.hint,
    )


def _requirements(problem: Problem, words: list[str]) -> list[tuple[str, str]]:
    rows = [(cell.text, cell.condition) for cell in problem.indicators]
    if problem.budget:
        rows.append(("预算", f"{problem.budget} 万元"))
    limits = len(problem.words("limit"))
    rows += [(word, "限制" if place < limits else "想要") for place, word in enumerate(words)]
    return rows[:MAX_ROWS]


def _candidate(match: Match, problem: Problem, words: list[str], bases: dict[int, list[Base]], most: int) -> Candidate:
    index = MATCHING_INDEX.current()
    prose = row_item(match.achievement, ACHIEVEMENT_PROSE)
    by_kind = {fact["kind"]: fact for fact in match.facts}
    verdicts = [
        Verdict(row["result"], offer_text(row) or row.get("note", "")) for row in by_kind["indicators"].get("rows", ())
    ]
    if problem.budget:
        price = by_kind["price"]
        verdicts.append(Verdict(_OF_PRICE[price["verdict"]], price["sentence"]))
    for word in words:
        mention = index.aligned_sentences(prose, Item(0, word, ""))
        is_said = mention is not None and mention.similarity >= MIN_MENTION
        verdicts.append(Verdict("check", f"“{mention.achievement[:60]}”") if is_said else Verdict("unstated"))
    return Candidate(match, verdicts[:most], _quotes(match, prose, problem), bases.get(match.achievement.pk, []))


def _quotes(match: Match, prose: Item, problem: Problem) -> list[Passage]:
    """The sentence that answers best, then those with most of the common words."""
    terms = list(match.shared_terms)
    aligned = MATCHING_INDEX.current().aligned_sentences(prose, Item(0, problem.title, problem.searched_text))
    best = [marked_passage(aligned.achievement, terms)] if aligned else []
    texts = {passage.text for passage in best}
    further = [passage for passage in choose_passages(prose.text, terms) if passage.text not in texts]
    return [*best, *further][:MAX_QUOTES] or first_passages(prose.text, most=1)


def _industry(achievements: list[Achievement]) -> Industry | None:
    """The field of most of them, of equal ones that of the best."""
    counts = Counter(achievement.industry for achievement in achievements if achievement.industry_id)
    return counts.most_common(1)[0][0] if counts else None


def _bases_of(achievements: list[Achievement]) -> dict[int, list[Base]]:
    """At most two listed bases of the field of each achievement; those that take its maturity first. Two queries."""
    fields = {industry.pk for row in achievements if (industry := row.industry)}
    fields |= {row.industry.parent_id for row in achievements if row.industry and row.industry.parent_id}
    rows = list(
        Base.objects.listed().filter(Q(fields__in=fields)).distinct().prefetch_related("fields").order_by("name")
    )
    chosen = {}
    for achievement in achievements:
        own = {achievement.industry_id, achievement.industry.parent_id if achievement.industry else None}
        fitting = [base for base in rows if own & {industry.pk for industry in base.fields.all()}]
        fitting.sort(key=lambda base: achievement.maturity_bucket not in base.takes)
        chosen[achievement.pk] = fitting[:2]
    return chosen
