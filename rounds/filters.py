"""URL filters of rounds."""

import django_filters

from rounds.models import DockingRound


class RoundFilter(django_filters.FilterSet):
    """Values of one parameter are alternatives (OR), different parameters narrow further (AND)."""

    status = django_filters.MultipleChoiceFilter(choices=DockingRound.Status.choices, label="状态")
    host_kind = django_filters.MultipleChoiceFilter(choices=DockingRound.HostKind.choices, label="主办方式")
    starts = django_filters.DateFromToRangeFilter(field_name="starts_at", label="开始日期")

    class Meta:
        model = DockingRound
        fields = ("status", "host_kind", "starts")
