"""Figures in the read API: to whom has a board as on its pages, to everybody else what is public."""

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from mechanism.kpi.boards import has_board
from mechanism.kpi.counting import count, split
from mechanism.kpi.figure import DIMENSIONS, TIMES
from mechanism.kpi.public import kept_report
from mechanism.kpi.reading import counted_figures, described, described_line, progresses
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.where import Where, where_of

WAYS = [
    OpenApiParameter("period", str, description="年 2026、季度 2026Q3 或月 2026-09，默认今年；未登录时只能是年"),
    *(
        OpenApiParameter(name, str, description=f"只数某个{one.label}（代码；none 为没有填的）；须登录")
        for name, one in DIMENSIONS.items()
    ),
]

BY = OpenApiParameter("by", str, description=f"按什么分：{'、'.join([*DIMENSIONS, *TIMES])}；须登录")


class FigureSerializer(serializers.Serializer):
    """Figures counted now; what is only in a signed-in answer may be absent."""

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
    rate = serializers.DictField(required=False)
    target = serializers.DictField(required=False)
    by = serializers.CharField(required=False)
    lines = serializers.ListField(child=serializers.DictField(), required=False)


def _where(request) -> Where:
    try:
        return where_of(request.query_params, request.user)
    except ValidationError as error:
        raise exceptions.ValidationError(getattr(error, "message_dict", {"period": error.messages})) from error


def _public(request) -> list[dict]:
    """The public page's figures and tables. Narrowing is refused: nothing can be found out by asking twice."""
    if refused := set(request.query_params) - {"period"}:
        raise exceptions.ValidationError(dict.fromkeys(sorted(refused), "公开的成效数据只按年查询，登录后才能细分。"))
    try:
        report = kept_report(request.query_params.get("period", ""))
    except ValidationError as error:
        raise exceptions.ValidationError({"period": error.messages}) from error
    told = [
        {
            "key": one.figure.key,
            "label": str(one.figure.label),
            "value": one.text if one.is_told else None,
            "unit": str(one.figure.unit.label),
            "formula": str(one.figure.formula),
            "period": str(report.year),
            "as_of": report.as_of,
            "notes": [str(one.note)] if one.note else [],
        }
        for one in report.figures
    ]
    absorbed = FIGURES["absorbed"]
    told += [
        {
            "key": absorbed.key,
            "label": str(absorbed.label),
            "value": None,
            "unit": str(absorbed.unit.label),
            "formula": str(absorbed.formula),
            "period": str(report.year),
            "as_of": report.as_of,
            "by": name,
            "lines": [{"label": cell.label, "value": cell.text, "rows": cell.contracts} for cell in cells],
        }
        for name, _label, cells in report.tables
    ]
    return told


class FigureList(APIView):
    @extend_schema(summary="成效数据", parameters=WAYS, responses=FigureSerializer(many=True))
    def get(self, request):
        if not has_board(request.user):
            return Response(_public(request))
        found = counted_figures(_where(request))
        steps = progresses(found)
        return Response([described(counted, steps.get(key)) for key, counted in found.items()])


class FigureDetail(APIView):
    @extend_schema(
        summary="一项成效数据",
        parameters=[
            *WAYS,
            OpenApiParameter("by", str, description=f"按什么分：{'、'.join([*DIMENSIONS, *TIMES])}；须登录"),
        ],
        responses=FigureSerializer,
    )
    def get(self, request, key):
        if not has_board(request.user):
            found = next((one for one in _public(request) if one["key"] == key), None)
            if found is None:
                raise exceptions.NotFound("没有公开这项数据。")
            return Response(found)
        where = _where(request)
        if key not in FIGURES or not where.may_see(FIGURES[key]):
            raise exceptions.NotFound("没有这项数据，或者不在您的范围内。")
        counted = count(FIGURES[key], where)
        told = described(counted, progresses({key: counted}).get(key))
        if by := request.query_params.get("by"):
            if by not in FIGURES[key].ways and by not in TIMES:
                raise exceptions.ValidationError(
                    {"by": f"这项数据可以按 {'、'.join([*FIGURES[key].ways, *TIMES])} 分。"}
                )
            told |= {"by": by, "lines": [described_line(line) for line in split(FIGURES[key], where, by)]}
        return Response(told)
