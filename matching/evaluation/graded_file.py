"""A file of graded pairs, an object a line: achievement_terms, demand_title, demand_text, demand_id, level, group."""

from matching.engine.pairs_file import GRADE, PAIR, group_of, index_pairs, read_lines
from matching.engine.silence import PRIOR
from matching.evaluation.cases import Case, Cases


def graded_file(path: str) -> Cases:
    """Achievements of such a file have no facts: words alone are judged. Raises EngineError for a line that is wrong.

    The registry that a need's best must stand out from is that of the file.
    """
    lines = [fields for _number, fields in read_lines(path, PAIR | GRADE)]
    rows = [
        Case(
            demand=line["demand_id"],
            achievement=line["achievement_terms"],
            group=group_of(line),
            level=line["level"],
            demand_title=line["demand_title"],
            achievement_title=line["achievement_terms"],
        )
        for line in lines
    ]

    def ask(engine: str):
        from matching.engine.report import Judged

        index, (offered, needed) = index_pairs(lines, engine)
        needs = index.corpus.demands
        standings = {ranking.demand_id: ranking.standing for ranking in index.rank(needs, k=1)}
        silence = {
            row.demand: PRIOR.probability(standings[needs[place].id]) for row, place in zip(rows, needed, strict=True)
        }
        return Judged(
            engine=engine,
            scores=index.scores((offered, needed)),
            levels=[row.level for row in rows],
            demands=[row.demand for row in rows],
            groups=[row.group for row in rows],
            silence=silence,
            silent=frozenset(demand for demand, value in silence.items() if value >= PRIOR.silent_from),
            standings={row.demand: standings[needs[place].id] for row, place in zip(rows, needed, strict=True)},
        )

    return Cases(path, rows, ask)
