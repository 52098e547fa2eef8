"""The catalogue of the data sets: DCAT (W3C) as JSON-LD, for portals that harvest it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.open_data.datasets import DATASETS, Column, Dataset

FORMATS = {"csv": "text/csv", "json": "application/json"}
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "csvw": "http://www.w3.org/ns/csvw#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Names of vocabularies; nobody has to fetch them."""
CONTINUOUS = "http://publications.europa.eu/resource/authority/frequency/CONT"
ADDRESS_COLUMN = Column("url", "详情页", "详情页的网址", lambda row: "")


def file_path(dataset: Dataset, kind: str) -> str:
    return reverse("open_data_file", args=[f"{dataset.slug}.{kind}"])


def licence() -> dict[str, str]:
    """What the operator states: name and, if there is one, the address of the text."""
    stated = {"name": settings.OPEN_DATA["licence"], "url": settings.OPEN_DATA["licence_url"]}
    return {key: value for key, value in stated.items() if value}


def publisher() -> str:
    return settings.SITE["organiser"] or settings.SITE["name"]


def catalogue(absolute: Callable[[str], str]) -> dict[str, Any]:
    about = absolute(reverse("open_data"))
    return {
        "@context": CONTEXT,
        "@id": about,
        "@type": "dcat:Catalog",
        "dct:title": f"{settings.SITE['name']}开放数据",
        "dct:description": "平台上人人可以看到的内容，不含个人信息。",
        "dct:language": "zh-CN",
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": publisher()},
        "foaf:homepage": {"@id": about},
        **_licence(),
        "dcat:dataset": [_dataset(dataset, absolute) for dataset in DATASETS.values()],
    }


def _dataset(dataset: Dataset, absolute: Callable[[str], str]) -> dict[str, Any]:
    return {
        "@id": f"{absolute(reverse('open_data'))}#{dataset.slug}",
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.slug,
        "dct:title": dataset.title,
        "dct:description": dataset.about,
        "dct:language": "zh-CN",
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": publisher()},
        "dct:modified": {"@value": f"{timezone.localdate():%Y-%m-%d}", "@type": "xsd:date"},
        "dct:accrualPeriodicity": {"@id": CONTINUOUS},
        "dcat:landingPage": {"@id": f"{absolute(reverse('open_data'))}#{dataset.slug}"},
        **_licence(),
        "dcat:distribution": [_distribution(dataset, kind, absolute) for kind in FORMATS],
    }


def _distribution(dataset: Dataset, kind: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    columns = [*dataset.columns, ADDRESS_COLUMN]
    return {
        "@type": "dcat:Distribution",
        "dct:title": f"{dataset.title}（{kind.upper()}）",
        "dcat:downloadURL": {"@id": absolute(file_path(dataset, kind))},
        "dcat:mediaType": FORMATS[kind],
        **_licence(),
        "csvw:tableSchema": {
            "csvw:column": [
                {
                    "csvw:name": column.name if kind == "json" else column.label,
                    "csvw:title": column.label,
                    "dct:description": column.about or column.label,
                }
                for column in columns
            ]
        },
    }


def _licence() -> dict[str, Any]:
    stated = licence()
    if not stated:
        return {}
    if "url" in stated:
        return {"dct:license": {"@id": stated["url"], "dct:title": stated.get("name", stated["url"])}}
    return {"dct:license": {"dct:title": stated["name"]}}
