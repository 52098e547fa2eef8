"""What a deal led to: recorded by those who take part in it, completed for a company until it has been checked."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.changes import audit_value
from audit.services import record
from deals.models import Deal, Landing
from deals.permissions import require_deal_contributor
from deals.services.confirmations import ask_parties
from sheets.credit_code import normalize_credit_code

Kind = Landing.Kind
COMPANY_FIELDS = ("credit_code", "capital_wan", "region", "place")
EDITABLE_FIELDS = ("name", "landed_on", *COMPANY_FIELDS)


@transaction.atomic
def add_landing(deal: Deal, *, kind: str, name: str, landed_on: date, by: User, **details: Any) -> Landing:
    """Record a landing of the deal; `details`: region, place, jobs, invested_wan, yearly_output_wan, and for a company
    credit_code and capital_wan.

    A company has a credit code, a capital and a registered place, and was not founded before the intent. It counts for
    the local rate once both parties have confirmed it and the registration office has checked it. Raises
    PermissionDenied unless the user contributes to the deal, ValidationError.
    """
    row = Deal.objects.lock(deal)
    require_deal_contributor(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError("签约以后才能记录落地情况。")
    landing = Landing(deal=row, kind=kind, name=name.strip(), landed_on=landed_on, made_by=by, **details)
    _validate(landing)
    landing.save(force_insert=True)
    record("记录落地", row, by=by, changes={"landing": [None, landing.name]})
    ask_parties(landing, by=by)
    return landing


@transaction.atomic
def complete_landing(landing: Landing, *, by: User, **values: Any) -> None:
    """Change EDITABLE_FIELDS of a company that the office has not accepted; the parties are asked again.

    Raises PermissionDenied unless the user contributes to the deal, ValidationError.
    """
    row = Deal.objects.lock(landing.deal)
    require_deal_contributor(row, by)
    stored = Landing.objects.select_for_update().get(pk=landing.pk)
    if stored.kind != Kind.COMPANY:
        raise ValidationError("只有新设公司需要补充登记信息。")
    if stored.is_checked:
        raise ValidationError("“%(name)s”已经核实，不能再修改；情况有变化的请联系登记部门。" % {"name": stored})
    before = {name: getattr(stored, name) for name in values}
    for name, value in values.items():
        if name not in EDITABLE_FIELDS:
            raise ValueError(f"{name} is not for editing")
        setattr(stored, name, value)
    stored.deal = row
    _validate(stored)
    changes = {name: [audit_value(old), audit_value(getattr(stored, name))] for name, old in before.items()}
    stored.save(update_fields=[*values])
    record("补充落地公司", row, by=by, changes={key: pair for key, pair in changes.items() if pair[0] != pair[1]})
    ask_parties(stored, by=by)
    landing.refresh_from_db()


def _validate(landing: Landing) -> None:
    if landing.landed_on > timezone.localdate():
        raise ValidationError("落地日期不能晚于今天。")
    if landing.kind == Kind.COMPANY:
        _validate_company(landing)
    elif landing.credit_code or landing.capital_wan is not None:
        raise ValidationError("信用代码和注册资本只在落地形式是“新设公司”时填写。")
    landing.full_clean()


def _validate_company(landing: Landing) -> None:
    try:
        landing.credit_code = normalize_credit_code(landing.credit_code)
    except ValueError as error:
        raise ValidationError("公司“%(name)s”：%(why)s。" % {"name": landing.name, "why": error}) from error
    if not landing.capital_wan:
        raise ValidationError(
            "请填写公司“%(name)s”的注册资本（万元），大于 0，以营业执照为准。" % {"name": landing.name}
        )
    if bool(landing.region) == bool(landing.place.strip()):
        raise ValidationError(f"公司注册在{settings.CITY.short_name}的请选择区市县；注册在外地的请写省市，两项填一项。")
    first = landing.deal.steps.order_by("on", "pk").first()
    if first and landing.landed_on < first.on:
        raise ValidationError(
            "公司成立日期 %(day)s 早于这项成交的意向日期 %(first)s，不是为它新设的公司。请核对营业执照上的成立日期。"
            % {"day": landing.landed_on.isoformat(), "first": first.on.isoformat()}
        )
    parties = {code for code in (_code(landing.deal.seller), _code(landing.deal.buyer)) if code}
    if landing.credit_code in parties:
        raise ValidationError("这是成交双方之一的信用代码，不是新设的公司，请核对。")


def _code(organisation: Organisation | None) -> str:
    return organisation.credit_code if organisation else ""
