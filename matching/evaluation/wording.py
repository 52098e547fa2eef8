"""Figures in words and tables that can be read aloud."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

NAMES = {
    "spearman": _("次序一致（Spearman）"),
    "ndcg@10": _("前十排序（NDCG@10）"),
    "auc": _("区分能力（AUC）"),
    "first_good": _("首位可采纳的需求"),
    "accepted@5": _("前五条的采纳比例"),
    "precision_high": _("“高”被采纳"),
    "precision_middle": _("“中”被采纳"),
    "precision_low": _("“低”被采纳"),
    "ece": _("校准误差（ECE）"),
    "brier": _("Brier 分数"),
    "silent_when_nothing_fits": _("没有合适成果时说“暂无高匹配”"),
    "silent_otherwise": _("有合适成果时误说“暂无高匹配”"),
}
"""In the order in which they are shown."""

SHARES = {
    "first_good", "accepted@5", "precision_high", "precision_middle", "precision_low",
    "silent_when_nothing_fits", "silent_otherwise",
}  # fmt: skip
"""Shown in percent."""

CALIBRATED = {
    "as shown": _("当时显示的级别"),
    "held out": _("级别由其他需求的结论校准，按相近需求分组留出"),
    "too few": _("结论还太少，级别未经校准"),
}


def number(name: str, value: float | None) -> str:
    """.472, or 47%; an em dash where nothing could be computed."""
    if value is None:
        return "—"
    return f"{value:.0%}" if name in SHARES else f"{value:.3f}"


def with_interval(name: str, figure: dict) -> str:
    """.472（.405–.535）."""
    if figure["value"] is None:
        return "—"
    return f"{number(name, figure['value'])}（{number(name, figure['low'])}–{number(name, figure['high'])}）"


def table(reports: list[dict], differences: dict[str, dict] | None = None) -> str:
    """One column for each engine; below, what the later ones differ from the first by, `*` where outside the noise."""
    head = ["", *(report["engine"] for report in reports)]
    lines = [head]
    for name, label in NAMES.items():
        found = [report["figures"].get(name) for report in reports]
        if any(figure and figure["value"] is not None for figure in found):
            lines.append([str(label), *(with_interval(name, figure) if figure else "—" for figure in found)])
    parts = [_aligned(lines)]
    for report in reports:
        parts.append(reliability(report))
    for engine, figures in (differences or {}).items():
        rows = [
            [str(NAMES[name]), with_interval(name, figures[name]) + (" *" if figures[name]["wins"] else "")]
            for name in NAMES
            if name in figures and figures[name]["value"] is not None
        ]
        parts.append(f"{engine} − {reports[0]['engine']}（* 超出误差范围）\n" + _aligned(rows))
    return "\n\n".join(parts)


def reliability(report: dict) -> str:
    """Promised and kept, by tenths."""
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
    return f"{report['engine']}：{CALIBRATED[report['calibrated']]}\n" + _aligned(rows)


def _aligned(rows: list[list[str]]) -> str:
    """Columns at equal widths; a Chinese character is two wide."""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _padded(row: list[str], widths: list[int]) -> Iterable[str]:
    return (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F or character in "“”" else 1 for character in text)
