"""Settings of unfold, the theme of the admin."""

from typing import Any

from django.urls import reverse_lazy


def unfold_settings(title: str) -> dict[str, Any]:
    """`title`: the name of the site in the header."""
    return {
        "SITE_TITLE": title,
        "SITE_HEADER": title,
        "SITE_SUBHEADER": "管理后台",
        "SITE_URL": reverse_lazy("home"),
        "SITE_ICON": "dalian_techtransfer.admin_site.logo",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "dalian_techtransfer.admin_site.logo"}],
        "ENVIRONMENT": "dalian_techtransfer.admin_site.environment",
        "STYLES": [
            "dalian_techtransfer.admin_site.tokens",
            "dalian_techtransfer.admin_site.stylesheet",
            "dalian_techtransfer.admin_site.reader_stylesheet",
        ],
        "DASHBOARD_CALLBACK": "dalian_techtransfer.admin_site.dashboard",
        "SHOW_VIEW_ON_SITE": False,
        "THEME": "light",
        "BORDER_RADIUS": "4px",
        "COLORS": {
            "primary": {  # 600 is --blue of the public pages, 800 its hover colour
                "50": "#f2f7fa",
                "100": "#e9f2f6",
                "200": "#bcd5e1",
                "300": "#8fb9cc",
                "400": "#4d8fac",
                "500": "#1f7096",
                "600": "#0e5a7d",
                "700": "#0b4c6a",
                "800": "#093f59",
                "900": "#07324a",
                "950": "#052433",
            }
        },
        "ACCOUNT": {
            "navigation": [
                {"title": "工作台", "link": reverse_lazy("workbench")},
                {"title": "账号安全", "link": reverse_lazy("account_security")},
            ]
        },
        "SIDEBAR": {"show_search": False, "navigation": "dalian_techtransfer.admin_site.navigation"},
    }
