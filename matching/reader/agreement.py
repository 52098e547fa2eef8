"""Agreement of two readers on grades 0–3."""

from collections.abc import Iterable

from matching.reader.answers import GRADES


def quadratic_kappa(pairs: Iterable[tuple[int, int]]) -> float | None:
    """Cohen's kappa with quadratic weights of (grade of one, grade of the other). None if one grade is all there is."""
    counts = [[0] * len(GRADES) for _ in GRADES]
    for first, second in pairs:
        counts[first][second] += 1
    total = sum(map(sum, counts))
    rows, columns = [sum(row) for row in counts], [sum(column) for column in zip(*counts, strict=True)]
    observed = sum(counts[i][j] * (i - j) ** 2 for i in GRADES for j in GRADES)
    expected = sum(rows[i] * columns[j] * (i - j) ** 2 for i in GRADES for j in GRADES)
    return 1 - observed * total / expected if expected else None
