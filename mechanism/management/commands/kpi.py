import json

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mechanism.closing.signed_values import SignedValues
from mechanism.kpi.counting import count_visible_figures, split_figure
from mechanism.kpi.definitions import DIMENSIONS, TIMES
from mechanism.kpi.formatting import format_value
from mechanism.kpi.presentation import (
    figure_as_dict,
    part_text,
    split_line_as_dict,
    target_progress_by_key,
    unconfirmed_as_dict,
    value_with_unit,
)
from mechanism.kpi.query_scope import parse_scope
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.targets import TargetProgress, progress_text
from mechanism.kpi.totals import FigureValue, SplitLine
from mechanism.kpi.unconfirmed import UnconfirmedRows, count_all_unconfirmed


class Command(BaseCommand):
    help = "数出成效数据：年度目标和对外引用的各项数字，与网页、接口和 Excel 相同。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="指标", help=f"不写为年度目标；all 为全部：{'、'.join(FIGURES)}")
        parser.add_argument("--period", default="", metavar="2026", help="年 2026、季度 2026Q3 或月 2026-09，默认今年")
        parser.add_argument("--by", choices=[*DIMENSIONS, *TIMES], help="按什么分")
        for name, dimension in DIMENSIONS.items():
            parser.add_argument(f"--{name}", default="", help=f"只数某个{dimension.label}（代码；none 为没有填的）")
        parser.add_argument("--json", action="store_true", help="每项一行 JSON")

    def handle(self, *, keys: list[str], by: str | None, **options) -> None:
        keys = list(FIGURES) if keys == ["all"] else keys or list(TARGETS)
        if unknown := [key for key in keys if key not in FIGURES]:
            raise CommandError(f"没有这些指标：{'、'.join(unknown)}。有：{'、'.join(FIGURES)}。")
        try:
            scope = parse_scope(options, None)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        values = count_visible_figures(scope, keys)
        progress, signed = target_progress_by_key(values), SignedValues(scope)
        left_out = count_all_unconfirmed((counted.figure for counted in values.values()), scope)
        for key, counted in values.items():
            may_split = by in FIGURES[key].dimensions or by in TIMES
            lines = split_figure(FIGURES[key], scope, by, signed) if by and may_split else []
            write = self._write_json if options["json"] else self._write_text
            write(counted, progress.get(key), left_out[key], lines, by, signed)

    def _write_json(
        self,
        counted: FigureValue,
        progress: TargetProgress | None,
        left_out: list[UnconfirmedRows],
        lines: list[SplitLine],
        by: str | None,
        signed: SignedValues,
    ) -> None:
        data = figure_as_dict(counted, progress) | unconfirmed_as_dict(left_out) | signed.as_dict(counted)
        if by:
            data |= {"by": by, "lines": [split_line_as_dict(line) for line in lines]}
        self.stdout.write(json.dumps(data, ensure_ascii=False))

    def _write_text(
        self,
        counted: FigureValue,
        progress: TargetProgress | None,
        left_out: list[UnconfirmedRows],
        lines: list[SplitLine],
        by: str | None,
        signed: SignedValues,
    ) -> None:
        figure, totals = counted.figure, counted.totals
        self.stdout.write(f"{figure.label}：{value_with_unit(counted)}（{counted.scope.label}，截至 {counted.as_of}）")
        if text := signed.text(counted):
            self.stdout.write(f"  {text}")
        for version in signed.rejected:
            self.stdout.write(self.style.ERROR(f"  {version}通不过签章核验，没有采用"))
        self.stdout.write(f"  {figure.formula}")
        if figure.is_rate:
            amount, number = format_value(totals.by_amount, figure), format_value(totals.by_number, figure)
            self.stdout.write(f"  按金额 {amount}%，按项数 {number}%")
        for value in counted.parts:
            self.stdout.write(f"  其中{value.part.label} {part_text(value)}")
        self.stdout.write(f"  {counted.stamp.text}")
        for note in counted.notes:
            self.stdout.write(f"  {note}")
        for left in left_out:
            self.stdout.write(f"  {left.text}")
        if progress:
            self.stdout.write(f"  {progress_text(progress, counted)}")
        for line in lines:
            now = f"\t现在 {format_value(line.current.value, figure)}" if line.current else ""
            self.stdout.write(f"    {line.label}\t{format_value(line.value, figure)}\t{line.totals.rows}{now}")
