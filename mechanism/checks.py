"""System checks: the package of the city names only figures that exist."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from mechanism.city_rows import TARGET_KEYS


@register
def check_city_figures(**kwargs: Any) -> list[CheckMessage]:
    from mechanism.kpi.registry import FIGURES  # the models are loaded now
    from mechanism.kpi.task_board import read_task_figures

    errors: list[CheckMessage] = []
    for row in settings.CITY.tasks:
        for text in row.figures:
            try:
                read_task_figures(text)
            except ValueError:
                hint = f"可以用的指标：{'、'.join(FIGURES)}；写法见 docs/city-package.md。"
                errors.append(
                    Error(f"tasks.csv 第 {row.number} 项任务的指标“{text}”不认得。", hint=hint, id="mechanism.E001")
                )
    for target in settings.CITY.targets:
        if target.figure not in TARGET_KEYS:
            hint = f"可以有目标的指标：{'、'.join(TARGET_KEYS)}。"
            errors.append(Error(f"targets.csv 的指标“{target.figure}”不认得。", hint=hint, id="mechanism.E002"))
    return errors
