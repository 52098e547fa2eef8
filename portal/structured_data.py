"""What search engines and chat programs show of a shared page: public facts only, no persons."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from achievements.models import Achievement
from demands.masking import public_text
from demands.models import Demand

DESCRIPTION_LENGTH = 200
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def description_of(item: Achievement | Demand) -> str:
    text = item.summary if isinstance(item, Achievement) else public_text(item, "problem")
    flat = " ".join(text.split())
    return flat if len(flat) <= DESCRIPTION_LENGTH else f"{flat[:DESCRIPTION_LENGTH]}…"


def title_of(item: Achievement | Demand) -> str:
    return item.title if isinstance(item, Achievement) else public_text(item, "title")


def structured_data(item: Achievement | Demand, address: str) -> dict[str, Any]:
    """schema.org data of a published item at `address`. Reads `institution` or `firm`, and `industry`.

    The firm of a demand is left out, named or not: the page names it as far as it may be named.
    """
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "name": title_of(item),
        "description": description_of(item),
        "url": address,
    }
    if isinstance(item, Achievement):
        data |= {
            "@type": "CreativeWork",
            "inLanguage": "zh-CN",
            "identifier": item.registry_number or "",
            "creator": {"@type": "CollegeOrUniversity", "name": item.institution.name},
            "about": item.industry.name,
            "keywords": list(item.keywords),
            "dateModified": f"{item.updated_at:%Y-%m-%d}",
        }
    else:
        data |= {"@type": "Demand"}
        if item.expires_on:
            data["validThrough"] = f"{item.expires_on:%Y-%m-%d}"
        if item.public_region:
            data["areaServed"] = item.public_region.name
    return {name: value for name, value in data.items() if value}


def as_script_content(data: dict[str, Any]) -> SafeString:
    """JSON that cannot end its <script> element, whatever the texts contain."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 escaped above
