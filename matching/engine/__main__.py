"""Command line of the engine: `python -m matching.engine score | topk | propose | evaluate | thesaurus`."""

import argparse
import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matching.engine import DEFAULT_ENGINE, SCORE_THRESHOLD, Corpus, EngineError
from matching.engine.candidates import MAX_CANDIDATES, candidates_of
from matching.engine.jsonl_files import GRADE_FIELDS, PAIR_FIELDS, group_of, index_pairs, read_items, read_lines
from matching.engine.methods import engine_names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Return 0, or 2 with a message on standard error if the input cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        for line in options.run(options):
            print(json.dumps(line, allow_nan=False))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the pipe has exited (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (EngineError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def score(options: Namespace) -> Iterator[dict[str, Any]]:
    """Print the score of each pair, one line per input line."""
    rows = [fields for _, fields in read_lines(options.pairs, PAIR_FIELDS)]
    yield from ({"score": value} for value in _scores(rows, options.engine))


def topk(options: Namespace) -> Iterator[dict[str, Any]]:
    """Print the k best achievements of each demand, in the order of the file, without a threshold."""
    from matching.engine.ranking import Index

    demands = read_items(options.demands)
    index = Index(Corpus.of(read_items(options.achievements), demands), engine=options.engine)
    for ranking in index.rank(demands, k=options.k):
        yield {
            "demand_id": ranking.demand_id,
            "matches": [[ranked.achievement_id, ranked.score] for ranked in ranking.achievements],
        }


def propose(options: Namespace) -> Iterator[dict[str, Any]]:
    """Print what a run with default settings proposes for each demand: at most five [achievement, score, level, p].

    p is the probability that a reader finds the pair worth sending. A run also compares the facts of registry rows.
    """
    from matching.engine.ranking import Index

    demands = read_items(options.demands)
    index = Index(Corpus.of(read_items(options.achievements), demands), engine=options.engine)
    for ranking in index.rank(demands, k=MAX_CANDIDATES):
        candidates = candidates_of(ranking)
        yield {
            "demand_id": ranking.demand_id,
            "silent": not candidates,
            "matches": [
                [candidate.achievement_id, candidate.score, candidate.level, candidate.probability]
                for candidate in candidates
            ],
        }


def evaluate(options: Namespace) -> Iterator[dict[str, Any]]:
    """Print the metrics of each engine with intervals, and the precision above the score threshold. With several
    engines, also print the differences between the first engine and each other one."""
    from matching.engine.metrics import GradedPairs, precision_above

    rows = [fields for _, fields in read_lines(options.pairs, PAIR_FIELDS | GRADE_FIELDS)]
    levels, demands = [row["level"] for row in rows], [row["demand_id"] for row in rows]
    groups = [group_of(row) for row in rows]
    graded = GradedPairs(levels, demands, groups)
    scores = {engine: _scores(rows, engine) for engine in dict.fromkeys(options.engine or [DEFAULT_ENGINE])}
    for engine, engine_scores in scores.items():
        yield {
            "engine": engine,
            "pairs": len(rows),
            "groups": len(set(groups)),
            **graded.measure(engine_scores),
            "shown": precision_above(engine_scores, levels, SCORE_THRESHOLD),
        }
    first, *others = scores
    for other in others:
        yield {"engine": first, "better_than": other, **graded.compare(scores[first], scores[other])}


def thesaurus(options: Namespace) -> Iterator[dict[str, int]]:
    """Print the numbers of groups and terms of the technical thesaurus, or the line that cannot be read."""
    from matching.engine.thesaurus import read_thesaurus

    content = read_thesaurus()
    yield {"groups": len(content.heads), "terms": len(content.terms)}


def _scores(rows: Sequence[Mapping[str, Any]], engine: str) -> list[float]:
    index, pair_rows = index_pairs(rows, engine)
    return index.scores(pair_rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.engine", description=__doc__)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("thesaurus", help=thesaurus.__doc__).set_defaults(run=thesaurus)
    for run in (score, topk, propose, evaluate):
        command = commands.add_parser(run.__name__, help=run.__doc__)
        command.set_defaults(run=run)
        if run is evaluate:
            command.add_argument("--engine", action="append", choices=engine_names(), help="may be given several times")
        else:
            command.add_argument("--engine", default=DEFAULT_ENGINE, choices=engine_names())
        for name in ("achievements", "demands") if run in {topk, propose} else ("pairs",):
            command.add_argument(f"--{name}", required=True, metavar="FILE.jsonl")
        if run is topk:
            command.add_argument("-k", type=_positive, default=20)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("should be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
