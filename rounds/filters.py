"""URL filters of rounds."""

import django_filters
from django.utils.translation import gettext_lazy as _

from rounds.models import DockingRound


class RoundFilter(django_filters.FilterSet):
    """Values of one parameter are alternatives (OR), different parameters narrow further (AND)."""

    status = django_filters.MultipleChoiceFilter(choices=DockingRound.Status.choices, label=_("状态"))
    host_kind = django_filters.MultipleChoiceFilter(choices=DockingRound.HostKind.choices, label=_("主办方式"))
    starts = django_filters.DateFromToRangeFilter(field_name="starts_at", label=_("开始日期"))

    class Meta:
        model = DockingRound
        fields = ("status", "host_kind", "starts")
