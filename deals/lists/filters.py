"""Filters of a list from its query string. A value that cannot be read is reported and narrows nothing."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy

from accounts.models import Region
from deals.models import Contract, Deal, PriceObjection

MAX_LENGTH = 100
MAX_SEARCHED = 8
"""Words of a search that are looked for."""


class AmountField(forms.DecimalField):
    """万元, also written with separators or in full width."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").removesuffix("万元").removesuffix("万")
        try:
            return super().to_python(value)
        except forms.ValidationError:
            text = str(value)[:20]
            raise forms.ValidationError(f"“{text}”不是金额，请填数字，例如 120 或 120.5。") from None


class DayField(forms.DateField):
    widget = forms.DateInput

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(unicodedata.normalize("NFKC", value) if isinstance(value, str) else value)
        except forms.ValidationError:
            text = str(value)[:20]
            raise forms.ValidationError(f"“{text}”不是日期，请写成 2026-01-31 的样子。") from None


def _amount(label: str) -> AmountField:
    return AmountField(label=label, required=False, min_value=0, max_digits=14, decimal_places=2)


class ListFilter(forms.Form):
    """Base of the filters. `orders`: value → (label, ordering)."""

    orders: Mapping[str, tuple[str, tuple[str | OrderBy, ...]]] = {}
    words: tuple[str, ...] = ()
    amount = ""
    day = ""
    choice_labels: Mapping[str, Mapping[str, object]] = {}
    """Field → {value: label}."""

    q = forms.CharField(label="找什么", required=False, max_length=MAX_LENGTH, strip=True)
    region = forms.CharField(label="区市县", required=False, max_length=20)
    amount_from = _amount("金额从（万元）")
    amount_to = _amount("金额到（万元）")
    day_from = DayField(label="从哪天", required=False)
    day_to = DayField(label="到哪天", required=False)
    sort = forms.CharField(label="排序", required=False, max_length=20)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__({name: str(data.get(name, "")).replace("\0", "")[:MAX_LENGTH] for name in self.base_fields})
        self.is_valid()

    @property
    def values(self) -> dict[str, Any]:
        """What can be used of the filters; unknown choices are left out."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def query(self) -> str:
        """The query string without the page, for links, exports and saved views."""
        return self.query_without("")

    def query_without(self, left_out: str) -> str:
        kept = {name: str(self[name].value()) for name in self.fields if name != left_out and name in self.values}
        return urlencode(kept)

    @property
    def descriptions(self) -> list[str]:
        """Each filter in words: label：value."""
        return [f"{self.label_of(name)}：{self._value_label(name)}" for name in self.fields if name in self.values]

    def _value_label(self, name: str) -> str:
        value = self.values[name]
        if name == "sort":
            return self.orders[value][0]
        if name == "region":
            return str(self.chosen_region)
        labels = self.choice_labels.get(name, {})
        return str(labels.get(value, self[name].value()))

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than an order."""
        return bool(self.values.keys() - {"sort"})

    @property
    def faults(self) -> list[str]:
        """For each field that cannot be read, what is wrong with it."""
        return [f"{self.label_of(name)}：{errors[0]}" for name, errors in self.errors.items()]

    def label_of(self, name: str) -> str:
        return str(self.fields[name].label)

    @property
    def ordering(self) -> tuple[str | OrderBy, ...]:
        return self.orders[self.values.get("sort") or next(iter(self.orders))][1]

    def clean_sort(self) -> str:
        value = self.cleaned_data["sort"]
        return value if value in self.orders else ""

    def clean_region(self) -> str:
        code = self.cleaned_data["region"]
        self.chosen_region = Region.objects.reporting().filter(code=code).first() if code else None
        return code if self.chosen_region else ""

    def clean_q(self) -> str:
        return unicodedata.normalize("NFKC", self.cleaned_data["q"])

    def narrow[M: Model](self, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows that have the words, the amount, the day and the region."""
        values = self.values
        for word in values.get("q", "").split()[:MAX_SEARCHED]:
            rows = rows.filter(self.has_word(word))
        for name, lookup in (("amount_from", "gte"), ("amount_to", "lte")):
            if name in values:
                rows = rows.filter(**{f"{self.amount}__{lookup}": values[name]})
        for name, lookup in (("day_from", "gte"), ("day_to", "lte")):
            if name in values:
                rows = rows.filter(**{f"{self.day}__{lookup}": values[name]})
        if "region" in values:
            rows = rows.filter(self.in_region(values["region"]))
        return rows

    def has_word(self, word: str) -> Q:
        condition = Q()
        for field in self.words:
            condition |= Q(**{f"{field}__icontains": word})
        return condition

    def in_region(self, code: str) -> Q:
        raise NotImplementedError

    def sort_choices(self) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _ordering) in self.orders.items()]


def _largest_first(field: str) -> tuple[OrderBy, ...]:
    return (F(field).desc(nulls_last=True), F("pk").desc())


class DealFilter(ListFilter):
    """`show`: a stage; `late=registration`: signed long ago and not registered; `objection=open`: to its price."""

    orders = {
        "new": ("新建立的在前", ("-made_at", "-pk")),
        "waiting": ("停留最久的在前", ("stage_on", "pk")),
        "amount": ("签约金额大的在前", _largest_first("signed_wan")),
        "name": ("按名称", ("name", "pk")),
    }
    words = ("name", "seller_name", "buyer_name", "broker__name", "public_id")
    amount, day = "signed_wan", "stage_on"
    choice_labels = {
        "show": dict(Deal.Stage.choices) | {"mine": "等我确认"},
        "origin": dict(Deal.Origin.choices),
        "late": {"registration": "签约超期未登记"},
        "objection": {"open": "价格公示异议未处理"},
    }

    show = forms.CharField(label="阶段", required=False, max_length=20)
    origin = forms.CharField(label="来源", required=False, max_length=10)
    late = forms.CharField(label="逾期", required=False, max_length=20)
    objection = forms.CharField(label="异议", required=False, max_length=10)

    def clean_origin(self) -> str:
        value = self.cleaned_data["origin"]
        return value if value in Deal.Origin.values else ""

    def clean_late(self) -> str:
        return "registration" if self.cleaned_data["late"] == "registration" else ""

    def clean_objection(self) -> str:
        return "open" if self.cleaned_data["objection"] == "open" else ""

    def has_word(self, word: str) -> Q:
        """Parties are found by the name that the list shows, so that a search tells nothing more than the list."""
        number = Contract.objects.filter(deal=OuterRef("pk"), number__icontains=word)
        condition = super().has_word(word) | Q(Exists(number))
        for side in ("seller", "buyer"):
            condition |= Q(**{f"{side}_name": "", f"{side}__name__icontains": word})
        return condition

    def in_region(self, code: str) -> Q:
        return Q(buyer__stat_region__code=code)

    def narrow(self, rows: Any) -> Any:
        """All but the stage, which the tabs choose."""
        rows = super().narrow(rows)
        if origin := self.values.get("origin"):
            rows = rows.filter(origin=origin)
        if self.values.get("late"):
            rows = rows.late_to_register()
        if self.values.get("objection"):
            rows = rows.filter(Exists(PriceObjection.objects.filter(publicity__deal=OuterRef("pk"), settled_on=None)))
        return rows


class ContractFilter(ListFilter):
    """`counted`: yes for contracts that are turnover, no for the registered ones that are not."""

    orders = {
        "new": ("新登记的在前", (F("registered_on").desc(nulls_first=True), F("pk").desc())),
        "signed": ("新签订的在前", (F("signed_on").desc(nulls_last=True), F("pk").desc())),
        "amount": ("成交额大的在前", _largest_first("amount_wan")),
        "tech": ("技术交易额大的在前", _largest_first("tech_amount_wan")),
        "number": ("按登记编号", ("number", "pk")),
        "name": ("按名称", ("name", "pk")),
    }
    words = ("number", "name", "seller_name", "buyer_name", "public_id")
    amount, day = "amount_wan", "registered_on"
    choice_labels = {
        "status": dict(Contract.Status.choices),
        "kind": dict(Contract.Kind.choices),
        "counted": {"yes": "计入", "no": "已登记但不计入"},
    }

    status = forms.CharField(label="状态", required=False, max_length=10)
    kind = forms.CharField(label="类别", required=False, max_length=12)
    counted = forms.CharField(label="是否计入", required=False, max_length=3)

    def clean_status(self) -> str:
        value = self.cleaned_data["status"]
        return value if value in Contract.Status.values else ""

    def clean_kind(self) -> str:
        value = self.cleaned_data["kind"]
        return value if value in Contract.Kind.values else ""

    def clean_counted(self) -> str:
        value = self.cleaned_data["counted"]
        return value if value in ("yes", "no") else ""

    def in_region(self, code: str) -> Q:
        return Q(seller_region__code=code) | Q(buyer_region__code=code)

    def narrow(self, rows: Any) -> Any:
        """All but the status, which the tabs choose."""
        rows = super().narrow(rows)
        if kind := self.values.get("kind"):
            rows = rows.filter(kind=kind)
        if counted := self.values.get("counted"):
            turnover = Contract.objects.turnover().order_by().values("pk")
            rows = rows.filter(pk__in=turnover) if counted == "yes" else rows.registered().exclude(pk__in=turnover)
        return rows


def region_choices(scope: Any) -> list[Region]:
    """The districts that a member of the staff may choose from; none for others."""
    regions = Region.objects.reporting()
    if scope.sees_all:
        return list(regions)
    return list(regions.filter(pk__in=scope.region_ids)) if scope.is_district else []
