import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from matching.engine import DEFAULT_ENGINE, EngineError
from matching.engine.methods import engine_names
from matching.evaluation import formatting
from matching.evaluation.decisions import AS_DECIDED, judgments_from_decisions
from matching.evaluation.demo_city import SPLITS, judgments_from_demo_city
from matching.evaluation.finding import measure_engine
from matching.evaluation.judgment_file import judgments_from_file
from matching.evaluation.judgments import JudgmentSet
from matching.evaluation.real_texts import read_real_texts
from matching.reader.client import ChatClient
from matching.reader.recordings import Answerer, RecordingAnswerer, ReplayingAnswerer
from matching.readings.configuration import configured_reader


class Command(BaseCommand):
    help = (
        "用人工判断过的配对检验匹配：评分文件（--pairs）、审核决定（--decisions）或演示城市（--demo-city）。"
        "写几个 --engine 就比较几种方法，差别以第一种为准。每个数字带 95% 区间（按相近需求分组重抽样）。"
    )

    def add_arguments(self, parser):
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--pairs", metavar="FILE.jsonl", help="每行一对：成果、需求、级别 1–4")
        source.add_argument("--decisions", action="store_true", help="数据库里的审核决定")
        source.add_argument("--demo-city", action="store_true", help="演示城市的人工判断")
        source.add_argument(
            "--real",
            metavar="FOLDER",
            help="真实文本：real_registry.jsonl、real_needs.jsonl、real_judgements.jsonl，检验一次匹配会展示什么",
        )
        parser.add_argument("--reader", action="store_true", help="与 --real 一起：检验已配置的第二读者（语言模型）")
        parser.add_argument("--record", metavar="FOLDER", help="与 --reader 一起：把每个问题和答案写成一个文件")
        parser.add_argument("--replay", metavar="FOLDER", help="与 --reader 一起：用文件里的答案，不联网")
        parser.add_argument("--split", choices=sorted(SPLITS), default="", help="只用演示城市的一部分需求")
        parser.add_argument(
            "--engine", action="append", dest="engines", metavar="NAME", help=f"可写多次：{'、'.join(engine_names())}"
        )
        parser.add_argument("--json", action="store_true", help="输出 JSON，不输出表格")

    def handle(self, *, pairs, decisions, real, split, engines, json: bool, **options):
        if options["reader"] and not real:
            raise CommandError("--reader 要和 --real FOLDER 一起写。")
        if options["record"] and options["replay"]:
            raise CommandError("--record 和 --replay 只能写一个。")
        try:
            if options["reader"]:
                self.stdout.write(_reader_report(Path(real), options, json=json))
                return
            if real:
                reports = _measured_on_real_texts(Path(real), engines or [DEFAULT_ENGINE])
                self.stdout.write(_as_json(reports) if json else formatting.real_texts_table(reports))
                return
            judgments = _judgments(pairs, decisions, split)
            result = _compared(judgments, engines or [AS_DECIDED if decisions else DEFAULT_ENGINE])
        except (EngineError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(_as_json(result) if json else _as_text(result))


def _reader_report(folder: Path, options: dict, *, json: bool) -> str:
    """Score the second reader. Raises CommandError without a model, EngineError and OSError."""
    from matching.evaluation.reader_scores import score_reader, scores_as_text

    texts, configured = read_real_texts(folder), configured_reader()
    answerer = _answerer(options, configured.client if configured else None)
    model = "重放的答案" if options["replay"] else configured.model if configured else "（没有模型，只写问题）"
    scores = score_reader(texts, answerer, model, concurrency=configured.concurrency if configured else 4)
    if options["record"] and configured is None:
        return f"写好了 {len(list(Path(options['record']).glob('*.json')))} 个问题，answer 还是空的。"
    return _as_json(scores.as_json()) if json else scores_as_text(scores)


def _answerer(options: dict, client: ChatClient | None) -> Answerer:
    if options["replay"]:
        return ReplayingAnswerer(Path(options["replay"]))
    if options["record"]:
        return RecordingAnswerer(Path(options["record"]), client)
    if client is None:
        raise CommandError("没有配置模型：请设置 READER_URL 和 READER_MODEL，或者用 --replay FOLDER。")
    return client


def _judgments(path: str | None, decisions: bool, split: str) -> JudgmentSet:
    if path:
        return judgments_from_file(path)
    return judgments_from_decisions() if decisions else judgments_from_demo_city(split=split)


def _compared(judgments: JudgmentSet, engines: list[str]) -> dict:
    from matching.engine.evaluation_report import compare, evaluate

    if not len(judgments):
        raise CommandError("还没有可以检验的结论。")
    scored = [judgments.score_with(engine) for engine in engines]
    return {
        "of": judgments.name,
        "pairs": len(judgments),
        "needs": len({row.demand for row in judgments.rows}),
        "groups": len({row.group for row in judgments.rows}),
        "reports": [evaluate(of_engine) for of_engine in scored],
        "differences": {other.engine: compare(scored[0], other) for other in scored[1:]},
    }


def _measured_on_real_texts(folder: Path, engines: list[str]) -> list[dict]:
    texts = read_real_texts(folder)
    if not texts.good:
        raise CommandError(f"{folder / 'real_judgements.jsonl'} 里没有值得发送的配对（grade ≥ 2），没有可以检验的。")
    return [measure_engine(texts, engine) for engine in engines]


def _as_json(result: dict | list) -> str:
    return json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False)


def _as_text(result: dict) -> str:
    head = f"{result['of']}：{result['pairs']} 对，{result['needs']} 项需求，{result['groups']} 组"
    return f"{head}\n\n{formatting.comparison_table(result['reports'], result['differences'])}"
