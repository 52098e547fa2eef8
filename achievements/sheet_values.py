"""Value parsers of the collection sheet of achievements, and synonyms of its choices."""

import re
from datetime import date
from typing import NamedTuple

from achievements.models import Achievement, IntellectualProperty
from sheets.cells import CellProblem, as_text, clean_text, fold, normalize_text
from sheets.dates import Day
from sheets.values import Choice, Choices
from taxonomy.models import MaturityScale, TransferWay

OPEN_LEVELS = frozenset(map(fold, ["公开", "非密", "非涉密", "不涉密", "无密级", "不涉及国家秘密"]))


class ParsedEvaluation(NamedTuple):
    kind: str
    by: str
    on: date | None


class SecrecyParser:
    """密级: accepts unclassified levels only. Returns the text."""

    hint = "只接收“公开”的成果"

    def __call__(self, value):
        text = normalize_text(value)
        if fold(text) in OPEN_LEVELS:
            return text
        raise CellProblem("不是“公开”，涉密成果不能录入本平台，请从表中删去")


class EvaluationParser:
    """Method, evaluator and date in one cell, such as 鉴定/某单位/2026-05-01; each part is optional."""

    hint = "如“鉴定/某检测中心/2026-05-01”，可只写一部分"

    def __call__(self, value):
        kind, by, on = "", "", None
        for part in filter(None, (part.strip() for part in re.split(r"[/；;，,\n]", clean_text(as_text(value))))):
            if re.match(r"\d{4}", part):
                on = Day(month="first")(part)
            elif not kind and not by:
                kind, by = self._kind_or_name(part)
            else:
                by = f"{by}、{part}".strip("、")
        if len(by) > 100:
            raise CellProblem("评价单位超过 100 字，请精简")
        return ParsedEvaluation(kind, by, on)

    def _kind_or_name(self, part):
        try:
            return EVALUATIONS(part), ""
        except CellProblem:
            return "", part


class CompletersParser:
    """Names such as 张三（单位）；李四. Returns a tuple of (name, unit)."""

    hint = "按顺序填写，用“；”分隔，单位写在括号里"

    def __call__(self, value):
        parts = [part.strip() for part in re.split(r"[；;、，,\n]+(?![^（(]*[）)])", clean_text(as_text(value)))]
        completers = tuple(dict.fromkeys(self._parse_person(part) for part in parts if part))
        if len(completers) > 50:
            raise CellProblem("超过 50 人，请只填写主要完成人")
        return completers

    def _parse_person(self, part: str) -> tuple[str, str]:
        name, _bracket, unit = part.replace("（", "(").replace("）", ")").partition("(")
        name, unit = name.strip(), unit.rstrip(") ").strip()
        if not name or len(name) > 30 or len(unit) > 100:
            raise CellProblem(f"“{part[:20]}”不像姓名（单位），请写成“张三（某某大学）”，多人用“；”分隔")
        return name, unit


def choice_parser(choices, synonyms=""):
    """A `Choice` parser for TextChoices; `synonyms` has lines of "value: word word"."""
    return Choice(dict(choices.choices), _synonyms(synonyms))


def _synonyms(synonyms):
    lines = (line.split(":") for line in synonyms.strip().splitlines())
    return {word: value.strip() for value, words in lines for word in words.split()}


FORMS = choice_parser(
    Achievement.Form,
    """technology: 技术 软件 其他应用技术
    process: 工艺 工艺流程
    product: 产品
    material: 材料
    equipment: 装备 设备 新设备
    medicine: 新药 医药新品种
    agriculture: 农业（动植物）新品种 农业新品种 植物新品种
    other: 论文 著作 研究报告 专利""",
)
STAGES = choice_parser(
    Achievement.Stage,
    """early: 初期 初期阶段 实验室 实验室阶段 小试 小试阶段 研发 研发阶段 初期阶段实验室小试
    middle: 中期 中期阶段 中试 中试阶段 完成中试 已有样品 样机 样机阶段 小规模生产
    mature: 成熟 成熟应用 成熟应用阶段 成熟阶段 产业化 产业化阶段 可以量产 量产 批量生产 大规模应用 小范围应用""",
)
SCALES = choice_parser(
    MaturityScale,
    """trl9: TRL TRL9 TRL1-9 技术就绪度 技术就绪水平 九级
    gbt37264: GB/T37264 GB/T37264-2018 GBT37264 37264 新材料技术成熟度
    gbt22900_13: GB/T22900 GB/T22900-2022 GBT22900 22900 GBT22900_13 13级 十三级 技术创新度""",
)
EVALUATIONS = choice_parser(
    Achievement.Evaluation,
    """appraisal: 成果鉴定 科技成果鉴定
    acceptance: 项目验收
    conclusion: 项目结题
    review: 成果评审 成果评价
    assessment: 评估 第三方评价 机构评价
    testing: 检测""",
)
WAYS = Choices(
    dict(TransferWay.choices),
    _synonyms("""assignment: 转让 专利转让 专利权转让 技术转让(所有权)
    licence: 许可 专利许可 许可使用 技术许可(含普通许可) 实施许可
    joint_development: 合作转化 合作 合作实施 共同实施 合作研发 联合开发 产学研合作
    commissioned: 委托研发 委托
    equity: 入股 技术入股 作价投资 折算股份 技术作价入股 技术作价投资
    service: 咨询服务 技术服务 技术咨询 咨询 服务 技术咨询服务
    own_investment: 自行投资 自我转化 自行转化 自行投资实施
    other: 其他 协商 面议"""),
)
WILLINGNESS = choice_parser(
    Achievement.Willingness,
    """willing: 愿意 是 有 有意愿 有转化意愿
    unwilling: 无意愿 不愿意 暂无 暂无意愿 否 无 没有
    done: 已转化 已完成转化""",
)
RIGHTS = Choice(
    dict(IntellectualProperty.Kind.choices),
    _synonyms("""invention: 发明 专利 授权发明专利 国家发明专利
    utility_model: 实用新型专利
    design: 外观专利 外观设计专利
    software: 软著 软件著作 计算机软件著作权
    layout: 布图设计 集成电路布图设计
    plant_variety: 植物新品种权
    know_how: 专有技术 技术诀窍"""),
)
CATEGORIES = choice_parser(
    Achievement.Category, "applied: 应用技术 应用技术类\nbasic: 基础理论 基础理论类\nsoft_science: 软科学"
)
ATTRIBUTES = choice_parser(Achievement.Attribute, "original: 原始创新")
STANDINGS = choice_parser(Achievement.Standing)
