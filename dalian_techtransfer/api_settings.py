"""Settings of the API: REST framework and its description."""

from typing import Any


def api_settings(title: str, *, proxies: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """REST_FRAMEWORK and SPECTACULAR_SETTINGS. `title`: name of the site; `proxies`: how many stand in front of it."""
    rest_framework = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],  # querysets restrict visibility
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
        "DEFAULT_PAGINATION_CLASS": "dalian_techtransfer.rest.PagePagination",
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "DEFAULT_THROTTLE_CLASSES": [
            "rest_framework.throttling.AnonRateThrottle",
            "rest_framework.throttling.UserRateThrottle",
        ],
        "NUM_PROXIES": proxies,
        "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "600/min"},
        "EXCEPTION_HANDLER": "dalian_techtransfer.rest.problem_details",
        "DEFAULT_VERSIONING_CLASS": None,
        "DEFAULT_METADATA_CLASS": None,  # no OPTIONS metadata for a read-only API
    }
    spectacular = {
        "TITLE": title,
        "VERSION": "1",
        "DESCRIPTION": "只读接口，能查到的与网页相同；匿名企业只显示对外名称。出错时返回 application/problem+json。",
        "OAS_VERSION": "3.1.0",
        "SCHEMA_PATH_PREFIX": "/api/v1/",
        "AUTHENTICATION_WHITELIST": [],  # public
        "POSTPROCESSING_HOOKS": ["dalian_techtransfer.rest.describe_problems"],
        "SERVE_INCLUDE_SCHEMA": False,
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }
    return rest_framework, spectacular
