"""The engine from the command line, on plain files: `python -m matching.engine score | topk | evaluate | thesaurus`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence

from matching.engine import DEFAULT, SHOWN_FROM, Corpus, EngineError, Item
from matching.engine.methods import known

KINDS = {"文字": str, "整数": int, "文字或整数": (str, int)}
PAIR = {"achievement_terms": "文字", "demand_title": "文字", "demand_text": "文字"}
GRADE = {"level": "整数", "demand_id": "文字或整数"}
ITEM = {"id": "文字或整数", "title": "文字", "text": "文字"}


class FieldProblem(EngineError):
    """A field of one line that cannot be used."""


class BadLine(EngineError):
    def __init__(self, path: str, number: int, problem: str):
        super().__init__(f"{path} 第 {number} 行：{problem}")


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
    rows = [fields for _, fields in _lines(options.pairs, PAIR)]
    yield from ({"score": value} for value in _score_pairs(rows, options.engine))


def topk(options) -> Iterator[dict]:
    """One line per need, in the order of the file, whatever the scores."""
    from matching.engine.ranking import Index

    demands = _items(options.demands)
    index = Index(Corpus.of(_items(options.achievements), demands), engine=options.engine)
    for ranking in index.rank(demands, k=options.k):
        yield {
            "demand_id": ranking.demand_id,
            "matches": [[proposal.achievement_id, proposal.score] for proposal in ranking.proposals],
        }


def evaluate(options) -> Iterator[dict]:
    """One line per engine: the figures of `measures`, with intervals, and the precision of what would be shown. With
    several engines also one line per other engine: by how much the first one is better."""
    from matching.engine.measures import Trial, precision_from

    rows = [fields for _, fields in _lines(options.pairs, PAIR | GRADE)]
    levels, demands = [row["level"] for row in rows], [row["demand_id"] for row in rows]
    groups = [row["group"] if row.get("group") is not None else f"need {row['demand_id']}" for row in rows]
    trial = Trial(levels, demands, groups)
    scores = {engine: _score_pairs(rows, engine) for engine in dict.fromkeys(options.engine or [DEFAULT])}
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


def _score_pairs(rows: list[dict], engine: str) -> list[float]:
    """Scores of pairs whose snapshot is the file itself: each different text once, spreads over the file's pairs."""
    import numpy as np

    from matching.engine.ranking import Index

    offered: dict[tuple[str, str], int] = {}
    needed: dict[tuple[str, str], int] = {}
    pairs = [
        (
            offered.setdefault((row["achievement_terms"], ""), len(offered)),
            needed.setdefault((row["demand_title"], row["demand_text"]), len(needed)),
        )
        for row in rows
    ]
    corpus = Corpus.of(*([Item(n, *texts) for n, texts in enumerate(side)] for side in (offered, needed)))
    places = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    columns = places[:, 0], places[:, 1]
    return Index(corpus, engine=engine, pairs=columns).scores(columns)


def _items(path: str) -> list[Item]:
    items: dict[str | int, Item] = {}
    for number, fields in _lines(path, ITEM):
        if fields["id"] in items:
            raise BadLine(path, number, f"编号“{fields['id']}”在前面已经出现，请保留一条")
        items[fields["id"]] = Item(fields["id"], fields["title"], fields["text"])
    return list(items.values())


def _lines(path: str, wanted: dict[str, str]) -> Iterator[tuple[int, dict]]:
    """(line number, fields) of each line that is not blank. Raises BadLine."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, _checked(json.loads(line.decode("utf-8-sig")), wanted)
                except UnicodeDecodeError:
                    raise BadLine(path, number, "不是 UTF-8 编码，请另存为 UTF-8") from None
                except (json.JSONDecodeError, RecursionError):
                    raise BadLine(path, number, "不是完整的 JSON，每行应是一个 {…} 对象") from None
                except FieldProblem as problem:
                    raise BadLine(path, number, str(problem)) from None


def _checked(fields: object, wanted: dict[str, str]) -> dict:
    if not isinstance(fields, dict):
        raise FieldProblem("应是一个 JSON 对象 {…}")
    for name, kind in wanted.items():
        if name not in fields:
            raise FieldProblem(f"缺少字段 {name}")
        if not isinstance(fields[name], KINDS[kind]) or isinstance(fields[name], bool):
            raise FieldProblem(f"字段 {name} 应是{kind}")
    if "level" in wanted and not 1 <= fields["level"] <= 4:
        raise FieldProblem(f"字段 level 应在 1 到 4 之间，现为 {fields['level']}")
    return fields


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
