"""What pages show of a reading: the statements with their quotations, and where they contradict the facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from matching.labels import FACT_LABELS
from matching.models import Match, PairReading
from matching.reader.answers import KINDS, WORTH_SENDING
from matching.reader.embedded_orders import is_order

GRADE_LABELS = {3: "直接能用", 2: "值得推荐", 1: "有关，但不值得推荐", 0: "无关"}
KIND_LABELS = {"fits": "对得上", "missing": "缺", "excludes": "不适用"}
SOURCE_LABELS = {"need": "需求", "achievement": "成果", "both": "双方"}
TEXT_FIELDS = {"demand": ("title", "problem", "goal", "conditions"), "achievement": ("title", "summary", "innovation")}


@dataclass(frozen=True, slots=True)
class ShownStatement:
    text: str
    quotation: str
    source: str


@dataclass(frozen=True, slots=True)
class ShownReading:
    """The latest reading of a pair. `groups`: (kind, its label, statements) of each kind that has any.

    `disagreement`: a sentence where grade and facts contradict each other, else empty. `has_orders`: a text of the pair
    tells a model how to grade it.
    """

    grade: int
    groups: list[tuple[str, str, list[ShownStatement]]]
    void: int
    model: str
    read_at: datetime
    disagreement: str
    has_orders: bool

    @property
    def grade_label(self) -> str:
        return GRADE_LABELS[self.grade]

    @property
    def is_worth_sending(self) -> bool:
        return self.grade >= WORTH_SENDING

    @property
    def parts(self) -> list[tuple[str, str, ShownStatement]]:
        """The verdict's sentence in parts, one of each kind: 对得上…；缺…；不适用…, each with its source."""
        return [(kind, label, statements[0]) for kind, label, statements in self.groups]

    @property
    def sentence(self) -> str:
        return "；".join(
            f"{label}：{statement.text}（{statement.source}：“{statement.quotation}”）"
            for _kind, label, statement in self.parts
        )


def readings_of(matches: Iterable[Match]) -> dict[int, ShownReading]:
    """Return {primary key of the match: latest reading of its pair}. Matches nobody read are left out. One query.

    Both sides of the matches are loaded. The caller has checked that its user may see the matches.
    """
    matches = list(matches)
    if not matches:
        return {}
    rows = {(row.demand_id, row.achievement_id): row for row in PairReading.objects.latest_of(matches)}
    return {
        match.pk: _shown(match, row)
        for match in matches
        if (row := rows.get((match.demand_id, match.achievement_id))) is not None
    }


def find_disagreement(grade: int, facts: list[dict]) -> str:
    """A sentence if the reader's grade contradicts the facts of the pair, else empty."""
    verdicts = {fact["kind"]: fact["verdict"] for fact in facts}
    if grade < WORTH_SENDING and verdicts.get("indicators") == "fits":
        return "指标逐项满足，第二读者却认为不值得推荐：请核对双方说的是不是同一对象、同一条件。"
    contradicting = [FACT_LABELS.get(kind, kind) for kind, verdict in verdicts.items() if verdict == "contradicts"]
    if grade == max(GRADE_LABELS) and contradicting:
        return f"第二读者认为直接能用，比对却有不合的项（{'、'.join(contradicting)}）：请以原文为准。"
    return ""


def _shown(match: Match, row: PairReading) -> ShownReading:
    statements: dict[str, list[ShownStatement]] = {kind: [] for kind in KINDS}
    for statement in row.statements:
        shown = ShownStatement(statement["text"], statement["quotation"], SOURCE_LABELS.get(statement["source"], ""))
        statements.setdefault(statement["kind"], []).append(shown)
    texts = [getattr(getattr(match, side), field) for side, fields in TEXT_FIELDS.items() for field in fields]
    return ShownReading(
        grade=row.grade,
        groups=[(kind, KIND_LABELS[kind], statements[kind]) for kind in KINDS if statements[kind]],
        void=row.void,
        model=row.model,
        read_at=row.read_at,
        disagreement=find_disagreement(row.grade, match.facts),
        has_orders=any(is_order(text) for text in texts),
    )
