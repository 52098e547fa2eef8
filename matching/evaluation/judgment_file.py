"""Judgments from a JSON Lines file: achievement_terms, demand_title, demand_text, demand_id, level, group."""

from matching.engine.candidates import MAX_CANDIDATES, none_fits
from matching.engine.jsonl_files import GRADE_FIELDS, PAIR_FIELDS, group_of, index_pairs, read_lines
from matching.evaluation.judgments import Judgment, JudgmentSet


def judgments_from_file(path: str) -> JudgmentSet:
    """Read a file of graded pairs. Raises EngineError for an invalid line.

    The achievements have no facts, so only their words are scored. The registry consists of the file's achievements.
    """
    lines = [fields for _number, fields in read_lines(path, PAIR_FIELDS | GRADE_FIELDS)]
    rows = [
        Judgment(
            demand=line["demand_id"],
            achievement=line["achievement_terms"],
            group=group_of(line),
            level=line["level"],
            demand_title=line["demand_title"],
            achievement_title=line["achievement_terms"],
        )
        for line in lines
    ]

    def score_with(engine: str):
        from matching.engine.evaluation_report import ScoredJudgments

        index, pair_rows = index_pairs(lines, engine)
        demands = index.corpus.demands
        rankings = {ranking.demand_id: ranking for ranking in index.rank(demands, k=MAX_CANDIDATES)}
        ranking_of = {
            row.demand: rankings[demands[demand_row].id] for row, demand_row in zip(rows, pair_rows[1], strict=True)
        }
        return ScoredJudgments(
            engine=engine,
            scores=index.scores(pair_rows),
            levels=[row.level for row in rows],
            demands=[row.demand for row in rows],
            groups=[row.group for row in rows],
            no_match_probabilities={
                demand: none_fits([ranking.profile.probability(ranked.score) for ranked in ranking.achievements])
                for demand, ranking in ranking_of.items()
            },
            no_match_demands=frozenset(demand for demand, ranking in ranking_of.items() if ranking.profile.is_silent),
        )

    return JudgmentSet(path, rows, score_with)
