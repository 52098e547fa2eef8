"""Figures of approaches (主动对接): begun, answered in time, continued by talks, signed."""

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from core.workdays import workdays_text
from deals.models import Deal
from enquiries.models import Approach
from mechanism.kpi.definitions import FigureDefinition, Unit, count_unit
from mechanism.kpi.period import Period
from mechanism.kpi.pipeline_figures import deal_figure, signed_deals, unconfirmed_deals, with_signing_day

INDUSTRY = Coalesce(
    F("achievement__industry__parent"),
    F("achievement__industry"),
    F("demand__industry__parent"),
    F("demand__industry"),
)


def _visible(user: User | None) -> QuerySet:
    return Approach.objects.all() if user is None else Approach.objects.visible_to(user)


def _approaches(key: str, label: str, formula: str, unit: Unit, **overrides) -> FigureDefinition:
    """Without the dimension "institution": an institution that splits its own by region would learn the district of a
    firm that is anonymous in an enquiry."""
    dimensions = {"region": "firm__stat_region", "industry": INDUSTRY, "kind": "kind"}
    values = {"select_rows": lambda rows, period: rows, "date_field": "sent_at", "dimensions": dimensions} | overrides
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Approach,
        is_datetime=True,
        visible_rows=_visible,
        kind_labels=dict(Approach.Kind.choices),
        audited_fields=frozenset({"status"}),
        **values,
    )


def _signed(rows: QuerySet, period: Period) -> QuerySet:
    return signed_deals(rows.filter(origin=Deal.Origin.APPROACH), period)


BEGUN = _approaches(
    "approaches",
    "主动对接",
    "期内企业询问成果、院所应答需求的条数，后来撤回的也计；按企业统计归口分区。",
    count_unit("条"),
)
ANSWERED = _approaches(
    "approaches_answered",
    "按期答复的主动对接",
    f"期内发起、对方在期限内首次答复（含说明不合适）的条数；期限是{workdays_text(settings.APPROACH_ANSWER_WORKDAYS)}。",
    count_unit("条"),
    select_rows=lambda rows, period: rows.filter(first_answered_at__date__lte=F("answer_due_on")),
)
TALKS = _approaches(
    "approach_talks",
    "主动对接转入洽谈",
    "期内双方在主动对接中各自同意、由此开始洽谈的条数；双方原已在谈的不计。",
    count_unit("条"),
    select_rows=lambda rows, period: rows.began_talks(),
    date_field="match__follow_up__agreed_at",
    dimensions={  # both sides know each other
        "region": "firm__stat_region",
        "industry": INDUSTRY,
        "institution": "institution",
        "kind": "kind",
    },
)
SIGNED = deal_figure(
    "approach_signed",
    "主动对接签约",
    "期内首次签约、双方都已确认、由主动对接开始洽谈的成交项目数，是签约项目的一部分，两者不相加。",
    count_unit("项"),
    select_rows=_signed,
    unconfirmed=unconfirmed_deals(lambda rows: with_signing_day(rows.filter(origin=Deal.Origin.APPROACH))),
)
FIGURES = (BEGUN, ANSWERED, TALKS, SIGNED)
