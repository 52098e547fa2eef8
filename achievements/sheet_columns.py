"""Columns of the collection sheet of achievements, with their alternative headers."""

from django.conf import settings

from accounts.models import Organisation
from achievements.models import Achievement
from achievements.sheet_values import (
    ATTRIBUTES,
    CATEGORIES,
    EVALUATIONS,
    FORMS,
    RIGHTS,
    SCALES,
    STAGES,
    STANDINGS,
    WAYS,
    WILLINGNESS,
    CompletersParser,
    EvaluationParser,
    ParsedEvaluation,
    SecrecyParser,
)
from sheets.columns import Column
from sheets.dates import Day
from sheets.money import Amount
from sheets.values import Choice, Code, Email, Keywords, Phone, PropertyRights, Text, WholeNumber, YesNo
from taxonomy.models import Industry


def achievement_columns() -> tuple[Column, ...]:
    """The columns, with the active institutions and industries as choices. Two queries."""
    institutions = Organisation.objects.institutions().filter(is_active=True)
    industries = Industry.objects.active()
    institution = Choice(
        {row.pk: row.name for row in institutions},
        {row.short_name: row.pk for row in institutions if row.short_name},
    )
    industry = Choice(
        {row.pk: row.name for row in industries},
        {alias: row.pk for row in industries for alias in row.aliases.split("、") if alias},
    )
    return (
        *_identity_columns(institution),
        *_classification_columns(industry),
        *_description_columns(),
        *_evaluation_columns(),
        *_maturity_columns(),
        *_transfer_columns(),
        *_contact_columns(),
    )


def _identity_columns(institution: Choice) -> tuple[Column, ...]:
    return (
        Column(
            key="title",
            label="成果名称",
            aliases=("科技成果名称", "项目名称", "技术名称", "成果项目名称", "技术成果名称"),
            parse=Text(200, min_length=4),
            required=True,
            example="高镍三元正极材料表面包覆技术",
            width=36,
        ),
        Column(
            key="institution",
            label="第一完成单位",
            aliases=(
                "完成单位",
                "单位名称",
                "所属单位",
                "成果单位",
                "成果完成单位",
                "依托单位",
                "所属高校",
                "高校院所",
                "所在单位",
            ),
            parse=institution,
            required=True,
            example=settings.CITY.example_institution,
        ),
        Column(
            key="college",
            label="学院（部门）",
            aliases=("学院", "所属学院", "院系"),
            parse=Text(60),
            empty="",
            example="化工学院",
        ),
        Column(key="partner_names", label="合作单位", aliases=("合作完成单位",), parse=Text(300), empty=""),
        Column(
            key="lead_person",
            label="负责人",
            aliases=("项目负责人", "成果负责人", "技术负责人", "第一完成人", "负责人姓名"),
            parse=Text(30),
            required=True,
            example="示例人",
        ),
        Column(
            key="completers",
            label="完成人",
            aliases=("主要完成人", "团队成员", "完成人员"),
            parse=CompletersParser(),
            empty=(),
            example=f"示例人甲（{settings.CITY.example_institution}）；示例人乙",
        ),
    )


def _classification_columns(industry: Choice) -> tuple[Column, ...]:
    return (
        Column(
            key="category",
            label="成果类别",
            aliases=("成果类型",),
            parse=CATEGORIES,
            required=True,
            example="应用技术成果",
        ),
        Column(
            key="form",
            label="成果体现形式",
            aliases=("成果形式", "体现形式"),
            parse=FORMS,
            required=True,
            example="新材料",
        ),
        Column(key="attribute", label="成果属性", parse=ATTRIBUTES, empty=""),
        Column(
            key="industry",
            label="产业链",
            aliases=(
                "所属产业链",
                "产业领域",
                "所属产业",
                "产业",
                "技术领域",
                "所属领域",
                "所属技术领域",
                "重点产业链",
            ),
            parse=industry,
            required=True,
            example="新材料",
        ),
        Column(key="applied_industry", label="应用行业", aliases=("应用行业（GB/T 4754）",), parse=Text(60), empty=""),
        Column(key="discipline", label="学科", aliases=("学科分类", "所属学科"), parse=Text(60), empty=""),
        Column(
            key="keywords",
            label="关键词",
            aliases=("关键字", "成果关键词"),
            parse=Keywords(max_count=3, max_length=30),
            empty=(),
            example="三元正极；表面包覆；循环寿命",
        ),
        Column(
            key="secrecy", label="密级", aliases=("成果密级", "保密级别", "涉密等级"), parse=SecrecyParser(), empty=""
        ),
    )


def _description_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="summary",
            label="成果简介",
            aliases=("成果介绍", "项目简介", "技术简介", "成果概述", "成果内容", "成果简述", "简介"),
            parse=Text(3000, multiline=True, min_length=10),
            required=True,
            help="要解决的问题、怎么做、效果如何，500 字左右",
            example="在正极颗粒表面生成包覆层，抑制副反应，提高循环寿命。",
            width=50,
        ),
        Column(
            key="indicators",
            label="技术指标/创新点",
            aliases=("技术指标", "主要技术指标", "性能指标", "技术指标及创新点", "技术指标与创新点"),
            parse=Text(3000, multiline=True),
            empty="",
            help="一条一行，写明指标、数值、单位；知道行业常见水平的写在括号里，网页按它画对比图；创新点可写在其后",
            example="循环寿命≥2000 次（行业常见 1200 次）；容量保持率≥80%",
            width=40,
        ),
        Column(
            key="innovation",
            label="技术要点与创新点",
            aliases=("创新点", "主要创新点", "技术创新点", "技术要点"),
            parse=Text(3000, multiline=True),
            empty="",
        ),
        Column(
            key="scenario",
            label="应用场景",
            aliases=("应用领域", "应用前景", "应用范围"),
            parse=Text(1000, multiline=True),
            empty="",
        ),
        Column(
            key="economics",
            label="与现有方案的经济性对比",
            aliases=("经济性对比", "经济性"),
            parse=Text(1000, multiline=True),
            empty="",
        ),
        Column(
            key="limits",
            label="适用边界",
            aliases=("适用限制", "使用限制", "做不到的", "不适用范围", "局限性"),
            parse=Text(1000, multiline=True),
            empty="",
            help="不适合用在哪里、什么条件下做不到，一行一条；企业先看这一条，写清了少白谈",
            example="氨制冷系统不适用；油分高于 50 mg/L 时须先除油",
            width=30,
        ),
    )


def _evaluation_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="intellectual_property",
            label="知识产权",
            aliases=("知识产权情况", "知识产权（类型:号）", "专利情况"),
            parse=PropertyRights(RIGHTS, max_length=40),
            empty=(),
            example="发明专利:ZL202210000000.1",
        ),
        Column(
            key="standing",
            label="成果水平",
            aliases=("技术水平", "成果评价水平"),
            parse=STANDINGS,
            empty=Achievement.Standing.NOT_EVALUATED.value,
        ),
        Column(
            key="evaluation_parts",
            label="评价方式/单位/日期",
            parse=EvaluationParser(),
            empty=ParsedEvaluation("", "", None),
            help="也可以分成“评价方式”“评价单位”“评价日期”三列",
        ),
        Column(key="evaluation", label="评价方式", parse=EVALUATIONS, empty=""),
        Column(key="evaluated_by", label="评价单位", aliases=("评价机构",), parse=Text(100), empty=""),
        Column(key="evaluated_on", label="评价日期", aliases=("评价时间",), parse=Day(month="first")),
        Column(
            key="national_number",
            label="登记号",
            aliases=("成果登记号", "批准登记号", "科技成果登记号"),
            parse=Code(30),
            empty="",
        ),
    )


def _maturity_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="stage",
            label="所处阶段",
            aliases=("成果所处阶段", "成果阶段", "技术阶段", "研发阶段", "成熟阶段"),
            parse=STAGES,
            required=True,
            example="中期阶段",
        ),
        Column(
            key="maturity_scale",
            label="成熟度标准",
            aliases=("技术成熟度标准",),
            parse=SCALES,
            help="不填按技术就绪度（9 级）",
        ),
        Column(
            key="maturity_level",
            label="成熟度等级",
            aliases=("技术成熟度", "成熟度", "技术成熟度等级", "TRL", "技术就绪度"),
            parse=WholeNumber(1, 13, affixes=("trl", "第", "级")),
            example="5",
        ),
        Column(
            key="maturity_evidence",
            label="成熟度依据",
            aliases=("成熟度证明",),
            parse=Text(500, multiline=True),
            empty="",
        ),
    )


def _transfer_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="transfer_ways",
            label="拟转化方式",
            aliases=("转化方式", "合作方式", "拟采取的转化方式", "转让方式", "拟合作方式"),
            parse=WAYS,
            required=True,
            example="技术许可；作价入股",
        ),
        Column(
            key="price",
            label="意向价格（万元）",
            aliases=("意向价格", "拟交易价格", "转让价格", "拟转化价格", "报价", "价格"),
            parse=Amount(),
            example="50-100",
        ),
        Column(
            key="pay_later",
            label="是否可先使用后付费",
            aliases=("先使用后付费", "可先使用后付费"),
            parse=YesNo(),
            empty=False,
        ),
        Column(
            key="wanted_partner", label="希望的合作方", aliases=("希望合作方", "意向合作方"), parse=Text(300), empty=""
        ),
        Column(
            key="funds_needed",
            label="所需资金（万元）",
            aliases=("所需资金", "资金需求", "资金需求（万元）"),
            parse=Amount(),
        ),
        Column(
            key="willingness",
            label="转化意愿",
            aliases=("是否愿意转化",),
            parse=WILLINGNESS,
            required=True,
            example="愿意",
        ),
        Column(
            key="transferred_note",
            label="已转化情况",
            aliases=("已转化：方式/时间/所在地/金额", "已转化方式/时间/所在地/金额"),
            parse=Text(300),
            empty="",
            help="方式、时间、所在地、金额",
        ),
    )


def _contact_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="contact_name", label="联系人", aliases=("联系人姓名",), parse=Text(30), required=True, example="示例人"
        ),
        Column(
            key="contact_phone",
            label="联系电话",
            aliases=("手机", "联系方式", "电话", "手机号", "联系人电话"),
            parse=Phone(),
            required=True,
            example="0411-00000000",
        ),
        Column(key="contact_email", label="邮箱", aliases=("电子邮箱", "电子信箱", "email"), parse=Email(), empty=""),
        Column(
            key="contact_consents",
            label="联系人同意对接使用",
            aliases=("联系人是否同意对接使用", "是否同意公开联系方式"),
            parse=YesNo(),
            empty=False,
        ),
        Column(
            key="non_secret",
            label="非涉密确认",
            aliases=("是否非涉密", "非涉密承诺", "确认不涉密"),
            parse=YesNo(),
            required=True,
            help="填“是”表示确认不涉及国家秘密、可以公开",
            example="是",
        ),
    )
