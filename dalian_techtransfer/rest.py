"""Pagination and error responses of the read API: problem details (RFC 9457) in Chinese."""

import logging
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import cached_property
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler, set_rollback

from core.facets import count_rows
from core.request_ids import current_request_id

if TYPE_CHECKING:
    from drf_spectacular.generators import SchemaGenerator

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
TITLES = {
    400: "请求参数有误",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的请求方法",
    406: "不支持的返回格式",
    415: "不支持的内容格式",
    429: "请求过于频繁",
    500: "服务器出错",
}
DETAILS = {
    403: "您没有查看这项内容的权限。",
    404: "地址不存在，或者这项内容没有公开。",
    405: "本接口只供查询，请使用 GET。",
    406: "本接口只返回 JSON，请把请求头 Accept 改为 application/json。",
    500: "服务器处理这个请求时出错，已经记录。请稍后再试。",
}


class KeptCountPaginator(Paginator):
    """The number of many rows may be some seconds old."""

    @cached_property
    def count(self) -> int:
        return count_rows(self.object_list) if isinstance(self.object_list, QuerySet) else len(self.object_list)


class PagePagination(PageNumberPagination):
    django_paginator_class = KeptCountPaginator
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    page_query_description = "页码，从 1 开始"
    page_size_query_description = "每页条数，最多 100"


def problem_details(error: Exception, context: dict) -> Response | None:
    """EXCEPTION_HANDLER of the API. Returns None for a lost database, which a middleware handles for all pages."""
    if isinstance(error, OperationalError | InterfaceError):
        return None
    response = exception_handler(error, context)
    if response is None:
        log.error("%s failed", context["request"].path, exc_info=error)
        set_rollback()
        response = Response(status=500)
    status = response.status_code
    problem = {"type": "about:blank", "title": TITLES.get(status, "请求失败"), "status": status}
    if status == 500:
        problem["request_id"] = current_request_id()
    if isinstance(error, exceptions.ValidationError) and isinstance(response.data, dict):
        problem["errors"] = {name: [str(message) for message in messages] for name, messages in response.data.items()}
        problem["detail"] = " ".join(f"{name}：{''.join(texts)}" for name, texts in problem["errors"].items())
    elif isinstance(error, exceptions.NotFound) and context["view"].__class__ is not NotFound:
        problem["detail"] = str(error.detail)  # the number of a page that does not exist
    else:
        problem["detail"] = DETAILS.get(status) or str(getattr(error, "detail", error))
    if isinstance(error, Http404 | PermissionDenied):
        problem["detail"] = DETAILS[status]
    return Response(problem, status=status, headers=dict(response.headers), content_type=PROBLEM_JSON)


class NotFound(APIView):
    """Unknown URLs below /api/v1/."""

    schema = None

    def initial(self, request: Request, *args, **kwargs) -> None:
        raise exceptions.NotFound


def describe_problems(result: dict, generator: "SchemaGenerator", request: Request | None, public: bool) -> dict:
    """Postprocessing hook of the OpenAPI schema: adds the error responses to every operation."""
    result["components"]["schemas"]["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "object",
                "description": "参数名 → 说明",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    }
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for operation in operations.values():
            for status in (404, 406, 429, 500) if "{" in path else (400, 404, 406, 429, 500):
                operation["responses"][str(status)] = {"description": TITLES[status], "content": content}
    return result
