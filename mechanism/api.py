"""Figures in the read API: users with a dashboard get what their pages show, everybody else the public report."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mechanism.closing.publication import published_report
from mechanism.closing.signed_values import SignedValues
from mechanism.kpi.counting import count_figure, count_visible_figures, split_figure
from mechanism.kpi.dashboards import has_dashboard
from mechanism.kpi.definitions import DIMENSIONS, TIMES
from mechanism.kpi.presentation import (
    figure_as_dict,
    split_line_as_dict,
    target_progress_by_key,
    unconfirmed_as_dict,
)
from mechanism.kpi.query_scope import FigureScope, parse_scope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.unconfirmed import count_all_unconfirmed, count_unconfirmed
from mechanism.models import FigureVersion

SCOPE_PARAMETERS = [
    OpenApiParameter("period", str, description="年 2026、季度 2026Q3 或月 2026-09，默认今年；未登录时只能是年"),
    *(
        OpenApiParameter(name, str, description=f"只数某个{dimension.label}（代码；none 为没有填的）；须登录")
        for name, dimension in DIMENSIONS.items()
    ),
]
SPLIT_PARAMETER = OpenApiParameter("by", str, description=f"按什么分：{'、'.join([*DIMENSIONS, *TIMES])}；须登录")


class FigureSerializer(serializers.Serializer):
    """A figure counted on request. Fields that only signed-in users get are optional."""

    key = serializers.CharField()
    label = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    formula = serializers.CharField()
    period = serializers.CharField()
    as_of = serializers.DateField()
    scope = serializers.CharField(required=False)
    rows = serializers.IntegerField(required=False)
    notes = serializers.ListField(child=serializers.CharField(), required=False)
    incomplete = serializers.DictField(child=serializers.IntegerField(), required=False)
    parts = serializers.ListField(child=serializers.DictField(), required=False)
    definition_version = serializers.CharField()
    definition_since = serializers.DateField()
    read_at = serializers.DateTimeField(required=False)
    latest_on = serializers.DateField(allow_null=True, required=False)
    unconfirmed = serializers.DictField(child=serializers.DictField(), required=False)
    rate = serializers.DictField(required=False)
    target = serializers.DictField(required=False)
    signed = serializers.DictField(required=False)
    by = serializers.CharField(required=False)
    lines = serializers.ListField(child=serializers.DictField(), required=False)


def _parse_scope(request: Request) -> FigureScope:
    try:
        return parse_scope(request.query_params, request.user)
    except ValidationError as error:
        raise exceptions.ValidationError(getattr(error, "message_dict", {"period": error.messages})) from error


def _public_figures(request: Request) -> list[dict]:
    """The signed figures and tables of the public page. Filters are rejected: differences of answers reveal nothing."""
    if rejected := set(request.query_params) - {"period"}:
        raise exceptions.ValidationError(dict.fromkeys(sorted(rejected), "公开的成效数据只按年查询，登录后才能细分。"))
    try:
        published = published_report(request.query_params.get("period", ""))
    except ValidationError as error:
        raise exceptions.ValidationError({"period": error.messages}) from error
    if published is None:
        return []  # nothing has been signed
    version = published.version
    stamp = {
        "period": str(published.year),
        "as_of": version.last_on,
        "signed": {
            "version": version.number,
            "month": version.period,
            "signed_on": timezone.localdate(version.signed_at).isoformat(),
            "office": version.office,
            "code": version.public_id,
        },
    }
    figures = [
        {
            "key": public.key,
            "label": public.label,
            "value": public.text if public.is_published else None,
            "unit": public.unit,
            "formula": public.formula,
            "notes": [public.note] if public.note else [],
        }
        | _definition_stamp(version, public.key)
        | stamp
        for public in published.report.figures
    ]
    absorbed = version.definitions.get("absorbed", {})
    tables = [
        {
            "key": "absorbed",
            "label": absorbed["label"],
            "value": None,
            "unit": absorbed["unit"],
            "formula": absorbed["formula"],
            "by": name,
            "lines": [{"label": cell.label, "value": cell.text, "rows": cell.contracts} for cell in cells],
        }
        | _definition_stamp(version, "absorbed")
        | stamp
        for name, _label, cells in published.report.tables
    ]
    return figures + tables


def _definition_stamp(version: FigureVersion, key: str) -> dict:
    """By which version of its definition a signed figure was counted."""
    definition = version.definitions[key]
    return {"definition_version": definition["version"], "definition_since": definition["since"]}


class FigureList(APIView):
    @extend_schema(summary="成效数据", parameters=SCOPE_PARAMETERS, responses=FigureSerializer(many=True))
    def get(self, request: Request) -> Response:
        if not has_dashboard(request.user):
            return Response(_public_figures(request))
        scope = _parse_scope(request)
        values = count_visible_figures(scope)
        progress, signed = target_progress_by_key(values), SignedValues(scope)
        left_out = count_all_unconfirmed((counted.figure for counted in values.values()), scope)
        return Response(
            [
                figure_as_dict(counted, progress.get(key))
                | unconfirmed_as_dict(left_out[key])
                | signed.as_dict(counted)
                for key, counted in values.items()
            ]
        )


class FigureDetail(APIView):
    @extend_schema(summary="一项成效数据", parameters=[*SCOPE_PARAMETERS, SPLIT_PARAMETER], responses=FigureSerializer)
    def get(self, request: Request, key: str) -> Response:
        if not has_dashboard(request.user):
            public = next((figure for figure in _public_figures(request) if figure["key"] == key), None)
            if public is None:
                raise exceptions.NotFound("没有公开这项数据。")
            return Response(public)
        scope = _parse_scope(request)
        if key not in FIGURES or not scope.may_see(FIGURES[key]):
            raise exceptions.NotFound("没有这项数据，或者不在您的范围内。")
        figure = FIGURES[key]
        counted = count_figure(figure, scope)
        data = figure_as_dict(counted, target_progress_by_key({key: counted}).get(key))
        data |= unconfirmed_as_dict(count_unconfirmed(figure, scope)) | SignedValues(scope).as_dict(counted)
        if by := request.query_params.get("by"):
            allowed = [*figure.dimensions, *TIMES]
            if by not in allowed:
                raise exceptions.ValidationError({"by": f"这项数据可以按 {'、'.join(allowed)} 分。"})
            data |= {"by": by, "lines": [split_line_as_dict(line) for line in split_figure(figure, scope, by)]}
        return Response(data)
