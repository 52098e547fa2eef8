"""Keep anonymous demands anonymous: no name in a public text, alias and detail that the registry allows, consent."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.models import Organisation, User
from audit.services import record
from demands.aliases import code_of, draw_code, make_alias
from demands.masking import find_leaks
from demands.models import Demand, DemandIndicator, ExposureConsent
from demands.permissions import check_permission, owns
from demands.services.exposure import Exposure, ExposureCheck

UNSAVED_ALIAS = f"{settings.CITY.name}某企业"
"""Until the demand has an alias of its own."""


def anonymity_problem(demand: Demand, indicators: Iterable[DemandIndicator] | None = None) -> str:
    """A message with the fields in which an anonymous demand names its firm; empty if there are none.

    `indicators`: unsaved indicators to check instead of the stored ones.
    """
    places = "、".join(f"{field}（“{mention}”）" for field, mention in find_leaks(demand, indicators))
    if not places:
        return ""
    return "匿名需求里出现了能认出企业的文字：%(places)s。请改成“本企业”等说法，或改为不匿名。" % {"places": places}


def check_anonymity(
    demand: Demand, indicators: Sequence[DemandIndicator] | None = None, *, before: str | None = None
) -> None:
    """Raise ValidationError if a published demand names its anonymous firm, or needs a consent that it did not need.

    `indicators`: unsaved indicators to check instead of the stored ones. `before`: `shown_problem` before the change;
    that of the stored demand if it is not given.
    """
    if demand.status not in Demand.SHOWN:
        return
    if problem := anonymity_problem(demand, indicators):
        raise ValidationError(problem)
    if before is None:
        before = shown_problem(Demand.objects.get(pk=demand.pk))
    if not before and (problem := shown_problem(demand, indicators)):
        raise ValidationError(
            "%(problem)s这项匿名需求已经公开，这样改动需要企业先确认：请先转需求诊断，再退回企业。"
            % {"problem": problem}
        )


def shown_problem(demand: Demand, indicators: Sequence[DemandIndicator] | None = None) -> str:
    """`exposure_problem` of a published anonymous demand; empty for all others."""
    if demand.status not in Demand.SHOWN or not demand.is_anonymous:
        return ""
    return exposure_problem(demand, ExposureCheck().assess(demand, indicators))


# --- Alias -----------------------------------------------------------------------------------------------------------
class AliasDrawer:
    """Draws code words that no demand has and no firm is called. One query at the first draw."""

    @cached_property
    def _taken(self) -> set[str]:
        aliases = Demand.objects.exclude(public_alias="").values_list("public_alias", flat=True)
        return {code_of(alias) for alias in aliases}

    def alias_of(self, demand: Demand, detail: str) -> str:
        """The alias of the demand at this detail, with its own code word, or a new one if it has none."""
        code = code_of(demand.public_alias) or self._draw()
        shown = Demand(firm=demand.firm, industry=demand.industry, is_anonymous=True, public_detail=detail)
        region, industry = shown.public_region, shown.public_industry
        return make_alias(region.name if region else "", industry.name if industry else "", code)

    def _draw(self) -> str:
        while Organisation.objects.firms().filter(name__contains=(code := draw_code(self._taken))).exists():
            pass
        self._taken.add(code)
        return code


def settle_public_name(
    demand: Demand, *, check: ExposureCheck | None = None, drawer: AliasDrawer | None = None
) -> None:
    """Store how much an anonymous demand says of its firm, and its alias. A named demand gets no alias."""
    if demand.is_anonymous:
        detail = (check or ExposureCheck()).assess(demand).detail
        values = {"public_detail": detail, "public_alias": (drawer or AliasDrawer()).alias_of(demand, detail)}
    else:
        values = {"public_detail": Demand.Detail.NOTHING, "public_alias": ""}
    changed = {field: value for field, value in values.items() if getattr(demand, field) != value}
    if changed:
        for field, value in changed.items():
            setattr(demand, field, value)
        Demand.objects.filter(pk=demand.pk).update(**changed)


# --- Consent ---------------------------------------------------------------------------------------------------------
def has_consent(demand: Demand, exposure: Exposure) -> bool:
    """Whether the firm agreed to this text and detail, to all that leads to it now, and to no more fitting firms.

    A firm with a new name may be found by what was no find before.
    """
    finds = [[find.field_label, find.kind, find.excerpt] for find in exposure.finds]
    return any(
        consent.text_hash == exposure.text_hash
        and consent.fitting_firms <= exposure.fit.count
        and all(find in consent.finds for find in finds)
        for consent in demand.exposure_consents.all()
    )


def exposure_problem(demand: Demand, exposure: Exposure) -> str:
    """Why an anonymous demand cannot be published without the firm's consent; empty if it can."""
    if not exposure.needs_consent or has_consent(demand, exposure):
        return ""
    parts = [] if exposure.fit.is_enough else [exposure.sentence]
    finds = [find for find in exposure.finds if not find.is_name]
    if finds:
        places = "、".join(f"{find.field_label}里的{find.kind}（“{find.excerpt}”）" for find in finds[:5])
        parts.append(f"文字里有能找到企业的内容：{places}。")
    return "".join(parts)


def exposure_lines(demand: Demand) -> list[str]:
    """For officers: how many firms fit, what leads to the firm, whether the firm agreed. None for a named demand."""
    if not demand.pk or not demand.is_anonymous:
        return []
    exposure = ExposureCheck().assess(demand)
    lines = [exposure.sentence]
    lines += [f"{find.field_label}：{find.kind}“{find.excerpt}”，建议{find.proposal}" for find in exposure.finds]
    if has_consent(demand, exposure):
        lines.append("企业已确认这样发布。")
    elif exposure.needs_consent:
        lines.append("发布前需要企业自己确认；按“初审通过并发布”会退回企业，并发消息给企业。")
    return lines


def confirm_exposure(demand: Demand, *, by: User, indicators: Sequence[DemandIndicator] | None = None) -> Exposure:
    """The firm's own yes to the current text. Raises PermissionDenied for everybody else, also staff of its district.

    `indicators`: unsaved ones of a demand whose changes are not stored yet. Raises ValidationError if the text names
    the firm: that is not anonymous.
    """
    check_permission(owns, demand, by)
    if not demand.is_anonymous:
        raise ValidationError("这项需求不是匿名发布，不需要确认。")
    if problem := anonymity_problem(demand, indicators):
        raise ValidationError(problem)
    exposure = ExposureCheck().assess(demand, indicators)
    finds = [[find.field_label, find.kind, find.excerpt] for find in exposure.finds]
    demand = Demand.objects.prefetch_related("exposure_consents").get(pk=demand.pk)
    if not has_consent(demand, exposure):
        ExposureConsent.objects.create(
            demand=demand, by=by, text_hash=exposure.text_hash, fitting_firms=exposure.fit.count, finds=finds
        )
        record(
            "确认匿名发布的风险",
            demand,
            by=by,
            changes={
                "fitting_firms": [None, exposure.fit.count],
                "finds": [None, finds],
                "text": [None, exposure.text_hash],
            },
        )
    return exposure


def may_confirm(demand: Demand, by: User) -> bool:
    """Whether `by` speaks for the firm of the demand."""
    return owns(by, demand.firm)
