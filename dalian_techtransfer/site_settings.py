"""Who operates the site, and under which licence its public data may be used."""

from typing import Any

import environ

from cities.city import City


def site_settings(env: environ.Env, city: City) -> dict[str, Any]:
    """The operator of the site. Pages do not show empty values, such as missing registration numbers."""
    return {
        "name": env.str("SITE_NAME", default="") or city.site_name,
        "short_name": env.str("SITE_SHORT_NAME", default="") or city.site_short_name,
        "organiser": env.str("SITE_ORGANISER", default=""),
        "undertaker": env.str("SITE_UNDERTAKER", default=""),
        "contact": env.str("SITE_CONTACT", default=""),
        "accessibility_contact": env.str("SITE_ACCESSIBILITY_CONTACT", default=""),
        "icp": env.str("SITE_ICP", default=""),
        "police_record": env.str("SITE_POLICE_RECORD", default=""),
        "gov_code": env.str("SITE_GOV_CODE", default=""),
        "is_demo": env.bool("SITE_IS_DEMO", default=False),
    }


def open_data_settings(env: environ.Env) -> dict[str, str]:
    """Name and address of the licence of the open data; empty: the page says that none is stated yet."""
    return {
        "licence": env.str("OPEN_DATA_LICENCE", default=""),
        "licence_url": env.str("OPEN_DATA_LICENCE_URL", default=""),
    }
