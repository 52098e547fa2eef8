"""A landed company that the registration office has accepted is a 孵化企业; its later numbers stand beside its deal."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from audit.services import record
from deals.models import Landing
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Venture


@transaction.atomic
def link_landed_company(landing: Landing, by: User) -> None:
    """Link the venture with the landing's credit code, or with its name and no code, or create one.

    Without an achievement or outside the city there is no venture to create: 孵化企业 are those of the city.
    """
    if Venture.objects.filter(landing=landing).exists():
        return
    venture = _known_venture(landing)
    achievement = landing.deal.achievement
    if venture is None and (achievement is None or landing.region is None):
        return
    if venture is None:
        venture = Venture(
            name=landing.name,
            achievement=achievement,
            region=landing.region,
            stage=Venture.Stage.FOUNDED,
            jobs=landing.jobs,
        )
        if Venture.objects.filter(name=landing.name).exists():
            raise ValidationError(
                "孵化企业中已有同名的“%(name)s”，信用代码不同。请先核对是不是同一家公司，更正后再核实。"
                % {"name": landing.name}
            )
    is_new = venture.pk is None
    venture.landing, venture.credit_code = landing, landing.credit_code
    venture.founded_on = landing.landed_on
    venture.full_clean()
    venture.save()
    record("新建" if is_new else "对应落地公司", venture, by=by, changes={"landing": [None, landing.name]})
    ask_named_parties(venture, by=by)


def _known_venture(landing: Landing) -> Venture | None:
    free = Venture.objects.filter(landing=None).select_for_update()
    by_code = free.filter(credit_code=landing.credit_code).first()
    return by_code or free.filter(credit_code="", name=landing.name).first()


def later_numbers(landings: Iterable[Landing]) -> dict[int, list[str]]:
    """{pk of a landing: its venture's stage, and a line for each year}. Two queries."""
    pks = [landing.pk for landing in landings]
    ventures = Venture.objects.filter(landing__in=pks).prefetch_related("years") if pks else ()
    return {venture.landing_id: _lines(venture) for venture in ventures if venture.landing_id}


def _lines(venture: Venture) -> list[str]:
    lines = [f"孵化企业：{venture.get_stage_display()}"]
    for year in venture.years.all():
        numbers = [f"{year.jobs} 人"] if year.jobs is not None else []
        numbers += [f"营业收入 {year.revenue_wan:,.2f} 万元"] if year.revenue_wan is not None else []
        numbers += [f"融资 {year.raised_wan:,.2f} 万元"] if year.raised_wan is not None else []
        lines.append(f"{year.year} 年：{'，'.join(numbers) or '没有填数'}（{year.source}）")
    return lines
