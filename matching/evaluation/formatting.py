"""Metrics as text and as plain-text tables."""

from collections.abc import Iterable

METRIC_LABELS = {
    "spearman": "次序一致（Spearman）",
    "ndcg@10": "前十排序（NDCG@10）",
    "auc": "区分能力（AUC）",
    "first_good": "首位可采纳的需求",
    "accepted@5": "前五条的采纳比例",
    "precision_high": "“高”被采纳",
    "precision_candidate": "“候选”被采纳",
    "ece": "校准误差（ECE）",
    "brier": "Brier 分数",
    "silent_when_nothing_fits": "没有合适成果时不给候选",
    "silent_otherwise": "有合适成果时不给候选（漏报）",
}
"""Labels of the metrics of `evaluation_report`, in the order in which they are shown."""

PERCENTAGES = {
    "first_good", "accepted@5", "precision_high", "precision_candidate",
    "silent_when_nothing_fits", "silent_otherwise",
}  # fmt: skip
"""Metrics that are shown as percentages."""

REAL_TEXTS_LABELS = {
    "served": "有合适成果的需求，展示了其中之一",
    "wrong_silence": "有合适成果的需求，什么也没展示",
    "right_silence": "没有合适成果的需求，什么也没展示",
}
CALIBRATION_LABELS = {
    "worth_sending": "展示的配对值得发送的比例",
    "probability": "展示的配对的平均把握",
    "gap": "平均把握减去比例",
    "auc": "把握的区分能力（AUC）",
}
"""Labels of the figures of `real_texts.measure_engine`."""

PROBABILITY_SOURCE_LABELS = {
    "as shown": "当时显示的级别",
    "held out": "级别由其他需求的结论校准，按相近需求分组留出",
    "too few": "结论还太少，级别未经校准",
}


def format_value(name: str, value: float | None) -> str:
    """Return .472 or 47%; an em dash if the metric is undefined."""
    if value is None:
        return "—"
    return f"{value:.0%}" if name in PERCENTAGES else f"{value:.3f}"


def format_interval(name: str, metric: dict) -> str:
    """Return .472（.405–.535）."""
    if metric["value"] is None:
        return "—"
    value, low, high = (format_value(name, metric[key]) for key in ("value", "low", "high"))
    return f"{value}（{low}–{high}）"


def comparison_table(reports: list[dict], differences: dict[str, dict] | None = None) -> str:
    """Return a table with a column for each engine, the reliability tables, and the differences from the first engine.

    `*` marks differences whose interval excludes 0.
    """
    head = ["", *(report["engine"] for report in reports)]
    lines = [head]
    for name, label in METRIC_LABELS.items():
        metrics = [report["figures"].get(name) for report in reports]
        if any(metric and metric["value"] is not None for metric in metrics):
            lines.append([str(label), *(format_interval(name, metric) if metric else "—" for metric in metrics)])
    parts = [aligned(lines)]
    for report in reports:
        parts.append(reliability_table(report))
    for engine, compared in (differences or {}).items():
        rows = [
            [str(label), format_interval(name, compared[name]) + (" *" if compared[name]["wins"] else "")]
            for name, label in METRIC_LABELS.items()
            if name in compared and compared[name]["value"] is not None
        ]
        parts.append(f"{engine} − {reports[0]['engine']}（* 超出误差范围）\n" + aligned(rows))
    return "\n\n".join(parts)


def real_texts_table(reports: list[dict]) -> str:
    """Return a table of `real_texts.measure_engine` with a column for each engine."""
    lines = [["", *(report["engine"] for report in reports)]]
    for depth in reports[0]["found"]:
        label = f"前 {depth} 条里有值得发送的成果"
        lines.append([label, *(_counted_share(report["found"][depth]) for report in reports)])
    lines.append(["展示的配对，其中值得发送", *(f"{report['good_shown']} / {report['shown']}" for report in reports)])
    for name, label in REAL_TEXTS_LABELS.items():
        lines.append([label, *(_counted_share(report[name]) for report in reports)])
    for name, label in CALIBRATION_LABELS.items():
        lines.append([label, *(format_interval(name, report[name]) for report in reports)])
        held_out = [format_interval(name, report["held_out"][name]) for report in reports]
        lines.append([f"　按需求留出重新拟合：{label}", *held_out])
    lines.append(["先验（截距、斜率）", *("{intercept}、{slope}".format(**report["prior"]) for report in reports)])
    return aligned(lines)


def _counted_share(metric: dict) -> str:
    """Return 22/35 = 63%（46%–77%）."""
    if metric["value"] is None:
        return "—"
    count = round(metric["value"] * metric["number"])
    return f"{count}/{metric['number']} = {metric['value']:.0%}（{metric['low']:.0%}–{metric['high']:.0%}）"


def reliability_table(report: dict) -> str:
    """Return predicted probability and observed rate by tenths of probability."""
    rows = [["预计", "条数", "平均预计", "实际采纳", "95% 区间"]]
    for line in report["reliability"]:
        rows.append(
            [
                f"{line['from']:.0%}–{line['to']:.0%}",
                str(line["number"]),
                f"{line['promised']:.0%}",
                f"{line['kept']:.0%}",
                f"{line['low']:.0%}–{line['high']:.0%}",
            ]
        )
    return f"{report['engine']}：{PROBABILITY_SOURCE_LABELS[report['calibrated']]}\n" + aligned(rows)


def aligned(rows: list[list[str]]) -> str:
    """Align columns for a terminal, where a Chinese character is two columns wide."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _padded(row: list[str], widths: list[int]) -> Iterable[str]:
    return (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F or character in "“”" else 1 for character in text)
