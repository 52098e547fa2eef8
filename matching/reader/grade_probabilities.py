"""From a grade of the reader to the probability that an officer accepts the pair."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.reader.answers import GRADES

PRIOR: Mapping[int, float] = {0: 0.02, 1: 0.08, 2: 0.45, 3: 0.70}
"""Before any decision. Grade 3: the precision asked of a usable model. Grade 2: just below one half, so that a model
nobody has measured promises nothing for it. Grades 0 and 1: at most what the engine's candidates reach unread."""
PRIOR_DECISIONS = 10.0
"""Weight of the prior: after ten decisions on a grade, they count as much as it does."""


@dataclass(frozen=True)
class GradeProbabilities:
    """`decided`: {grade: (accepted, number of decisions)}. Never lower for a better grade."""

    decided: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def __call__(self, grade: int) -> float:
        return self.all[grade]

    @property
    def all(self) -> dict[int, float]:
        """Adjacent grades whose decisions contradict their order share their mean (pool adjacent violators)."""
        blocks: list[list[float]] = []  # expected acceptances, weight, number of grades
        for grade in GRADES:
            accepted, number = self.decided.get(grade, (0, 0))
            blocks.append([PRIOR[grade] * PRIOR_DECISIONS + accepted, PRIOR_DECISIONS + number, 1])
            while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
                last = blocks.pop()
                blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
        values = [round(accepted / weight, 4) for accepted, weight, size in blocks for _ in range(int(size))]
        return dict(zip(GRADES, values, strict=True))
