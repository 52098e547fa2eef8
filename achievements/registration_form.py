"""科技成果登记表: the form that an institution hands in for one achievement, as Word, with missing values marked.

Its columns are those of the national registration (国科发计字〔2000〕542号) as far as the platform asks for them. What
it does not know, such as the months of the research, is left for the office to fill in.
"""

from pathlib import Path
from typing import NamedTuple

from accounts.models import User
from achievements.models import Achievement
from audit.exports import watermark
from audit.services import record_many
from core.word_templates import render_word_template
from sheets.cells import clean_text

MISSING = "【待填】"
TEMPLATE = Path(__file__).with_name("registration_form_template.docx")
REQUIRED = ("rows", "watermark")


class FormLine(NamedTuple):
    label: str
    value: str
    is_missing: bool


def registration_lines(achievement: Achievement) -> list[FormLine]:
    """The lines of the form in its order. Only what is not secret can be in the platform, so 密级 is always 公开."""
    item = achievement
    completers = [f"{row.name}（{row.unit}）" if row.unit else row.name for row in item.completers.all()]
    rights = [" ".join(filter(None, (str(row), row.title, row.state))) for row in item.intellectual_property.all()]
    indicators = [str(row) for row in item.indicators.all()]
    evaluated = "；".join(filter(None, (item.get_evaluation_display(), item.evaluated_by, _day(item.evaluated_on))))
    lines = (
        ("成果名称", item.title, True),
        ("成果类别", item.get_category_display(), True),
        ("第一完成单位", item.institution.name, True),
        ("合作完成单位（按顺序）", item.partner_names, False),
        ("主要完成人（按顺序）", "；".join(completers or [item.lead_person]), True),
        ("研究起始年月", "", True),
        ("研究终止年月", "", True),
        ("成果密级", "公开", True),
        ("关键词（最多 3 个）", "；".join(item.keywords), True),
        ("成果属性", item.get_attribute_display(), True),
        ("成果体现形式", item.get_form_display(), True),
        ("成果所处阶段", item.get_stage_display(), True),
        ("成果水平", item.get_standing_display(), True),
        ("评价方式、单位和日期", evaluated, True),
        ("课题来源", "", True),
        ("知识产权", "；".join(rights), False),
        ("产业链", str(item.industry), False),
        ("应用行业（GB/T 4754）", item.applied_industry, True),
        ("学科（GB/T 13745）", item.discipline, True),
        ("成果简介", item.summary, True),
        ("技术要点与创新点", item.innovation, True),
        ("技术指标", "；".join(indicators), False),
        ("应用场景", item.scenario, False),
        ("应用状态", "已转化" if item.status == Achievement.Status.TRANSFERRED else "", True),
        ("拟转化方式", "、".join(item.way_labels), True),
        ("已转化情况", item.transferred_note, False),
        ("成果登记号", item.national_number, False),
        ("平台入库编号", item.registry_number or "", False),
    )
    return [FormLine(label, clean_text(value or ""), required and not value) for label, value, required in lines]


def registration_forms(achievements: list[Achievement], *, by: User) -> list[tuple[str, bytes]]:
    """(file name, .docx) of each, numbered if there are several; recorded in the audit trail. Raises WordTemplateError.

    The rows come with institution, industry, completers, intellectual property and indicators.
    """
    files = []
    for number, item in enumerate(achievements, 1):
        lines = [
            {"label": line.label, "value": line.value, "missing": MISSING if line.is_missing else ""}
            for line in registration_lines(item)
        ]
        context = {
            "title": "科技成果登记表",
            "rows": lines,
            "watermark": watermark(by, "以登记机构的表格和要求为准"),
        }
        content = render_word_template(TEMPLATE.name, TEMPLATE, context, required=REQUIRED)
        files.append((_file_name(item, number if len(achievements) > 1 else 0), content))
    record_many("导出成果登记表", {item: {"format": [None, "docx"]} for item in achievements}, by=by)
    return files


def _file_name(item: Achievement, number: int) -> str:
    title = "".join(sign for sign in clean_text(item.title) if sign.isalnum() or sign in "（）()-_")[:60]
    return f"{f'{number:03}_' if number else ''}科技成果登记表_{title or item.public_id}.docx"


def _day(day: object) -> str:
    return str(day) if day else ""
