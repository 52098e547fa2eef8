import json

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from mechanism.kpi.counting import split
from mechanism.kpi.figure import DIMENSIONS, TIMES
from mechanism.kpi.reading import counted_figures, described, described_line, progresses, with_unit
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.targets import in_words
from mechanism.kpi.where import where_of
from mechanism.kpi.wording import shown


class Command(BaseCommand):
    help = "数出成效数据：五项目标和对外引用的各项数字，与网页、接口和 Excel 相同。"

    def add_arguments(self, parser):
        parser.add_argument("keys", nargs="*", metavar="指标", help=f"不写为五项目标；all 为全部：{'、'.join(FIGURES)}")
        parser.add_argument("--period", default="", metavar="2026", help="年 2026、季度 2026Q3 或月 2026-09，默认今年")
        parser.add_argument("--by", choices=[*DIMENSIONS, *TIMES], help="按什么分")
        for dimension, one in DIMENSIONS.items():
            parser.add_argument(f"--{dimension}", default="", help=f"只数某个{one.label}（代码；none 为没有填的）")
        parser.add_argument("--json", action="store_true", help="每项一行 JSON")

    def handle(self, *, keys, by, **options):
        keys = list(FIGURES) if keys == ["all"] else keys or list(TARGETS)
        if unknown := [key for key in keys if key not in FIGURES]:
            raise CommandError(f"没有这些指标：{'、'.join(unknown)}。有：{'、'.join(FIGURES)}。")
        try:
            where = where_of(options, None)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        found = counted_figures(where, keys)
        steps = progresses(found)
        for key, counted in found.items():
            lines = split(FIGURES[key], where, by) if by in FIGURES[key].ways or by in TIMES else []
            write = self._json if options["json"] else self._text
            write(counted, steps.get(key), lines, by)

    def _json(self, counted, step, lines, by):
        told = described(counted, step)
        if by:
            told |= {"by": by, "lines": [described_line(line) for line in lines]}
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _text(self, counted, step, lines, by):
        figure = counted.figure
        self.stdout.write(f"{figure.label}：{with_unit(counted)}（{counted.where.words}，截至 {counted.as_of}）")
        self.stdout.write(f"  {figure.formula}")
        if figure.is_rate:
            amount, number = (shown(one, figure) for one in (counted.tally.by_amount, counted.tally.by_number))
            self.stdout.write(f"  按金额 {amount}%，按项数 {number}%")
        for note in counted.notes:
            self.stdout.write(f"  {note}")
        if step:
            self.stdout.write(f"  {in_words(step, counted)}")
        for line in lines:
            self.stdout.write(f"    {line.label}\t{shown(line.value, figure)}\t{line.tally.rows}")
