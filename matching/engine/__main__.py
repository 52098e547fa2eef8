"""The engine from the command line, on plain files: `python -m matching.engine score | topk | evaluate | thesaurus`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence

from matching.engine import DEFAULT, SHOWN_FROM, Corpus, EngineError
from matching.engine.methods import known
from matching.engine.pairs_file import GRADE, PAIR, group_of, index_pairs, read_items, read_lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 2: the input cannot be used, with one sentence on standard error saying why."""
    options = _parser().parse_args(arguments)
    try:
        for line in options.run(options):
            print(json.dumps(line, allow_nan=False))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (EngineError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def score(options) -> Iterator[dict]:
    """One line per input line, in order."""
    rows = [fields for _, fields in read_lines(options.pairs, PAIR)]
    yield from ({"score": value} for value in _scores(rows, options.engine))


def topk(options) -> Iterator[dict]:
    """One line per need, in the order of the file, whatever the scores."""
    from matching.engine.ranking import Index

    demands = read_items(options.demands)
    index = Index(Corpus.of(read_items(options.achievements), demands), engine=options.engine)
    for ranking in index.rank(demands, k=options.k):
        yield {
            "demand_id": ranking.demand_id,
            "matches": [[proposal.achievement_id, proposal.score] for proposal in ranking.proposals],
        }


def evaluate(options) -> Iterator[dict]:
    """One line per engine: the figures of `measures`, with intervals, and the precision of what would be shown. With
    several engines also one line per other engine: by how much the first one is better."""
    from matching.engine.measures import Trial, precision_from

    rows = [fields for _, fields in read_lines(options.pairs, PAIR | GRADE)]
    levels, demands = [row["level"] for row in rows], [row["demand_id"] for row in rows]
    groups = [group_of(row) for row in rows]
    trial = Trial(levels, demands, groups)
    scores = {engine: _scores(rows, engine) for engine in dict.fromkeys(options.engine or [DEFAULT])}
    for engine, scored in scores.items():
        yield {
            "engine": engine,
            "pairs": len(rows),
            "groups": len(set(groups)),
            **trial.measure(scored),
            "shown": precision_from(scored, levels, SHOWN_FROM),
        }
    first, *others = scores
    for other in others:
        yield {"engine": first, "better_than": other, **trial.compare(scores[first], scores[other])}


def thesaurus(options) -> Iterator[dict]:
    """One line: what the technical thesaurus holds; a line of it that cannot be read is named."""
    from matching.engine.thesaurus import read

    held = read()
    yield {"groups": len(held.heads), "terms": len(held.terms)}


def _scores(rows: list[dict], engine: str) -> list[float]:
    index, columns = index_pairs(rows, engine)
    return index.scores(columns)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.engine", description=__doc__)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("thesaurus", help=thesaurus.__doc__).set_defaults(run=thesaurus)
    for run in (score, topk, evaluate):
        command = commands.add_parser(run.__name__, help=run.__doc__)
        command.set_defaults(run=run)
        if run is evaluate:
            command.add_argument("--engine", action="append", choices=known(), help="may be given several times")
        else:
            command.add_argument("--engine", default=DEFAULT, choices=known())
        for name in ("achievements", "demands") if run is topk else ("pairs",):
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
