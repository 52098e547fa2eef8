"""Open data: what is public and nothing else, inert in a spreadsheet, in memory a few rows at a time."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.urls import reverse

from portal.open_data import writing
from portal.open_data.datasets import DATASETS
from taxonomy.models import Industry
from tests import factories as make
from tests.challenges import calls

pytestmark = pytest.mark.django_db
IDENTITY_NUMBER = "11010519491231002X"


def content(client, name):
    response = client.get(reverse("open_data_file", args=[name]))
    assert response.status_code == 200 and response.streaming
    return b"".join(response.streaming_content).decode()


def rows_of(client, slug):
    return json.loads(content(client, f"{slug}.json"))["rows"]


def test_only_what_is_public_and_without_the_name_of_an_anonymous_firm(client):
    shown = make.achievement(title="公开的成果", keywords=["膜", "脱水"])
    make.achievement(title="草稿不给看", registered=False)
    make.achievement(title="下架不给看", status="withdrawn", status_reason="撤")
    firm = make.firm("神秘制造有限公司")
    make.demand(firm=firm, title="神秘制造有限公司的轴承", is_anonymous=True, public_alias="某装备企业")
    (row,) = rows_of(client, "achievements")
    assert (row["id"], row["title"], row["keywords"]) == (shown.public_id, "公开的成果", ["膜", "脱水"])
    assert row["url"] == f"http://testserver/achievements/{shown.public_id}/"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["updated_on"])
    assert "神秘制造" not in content(client, "demands.json") + content(client, "demands.csv")
    assert len(rows_of(client, "demands")) == 1


def test_every_set_is_written_in_both_formats_with_the_same_rows(client):
    people = calls.city()
    calls.published(people)
    make.achievement()
    make.agency("某某服务机构")
    make.docking_round()
    for slug, dataset in DATASETS.items():
        head, *lines = csv.reader(io.StringIO(content(client, f"{slug}.csv").removeprefix(writing.BYTE_ORDER_MARK)))
        rows = rows_of(client, slug)
        assert rows, slug
        assert len(head) == len(dataset.columns) + 1 and [line[0] for line in lines] == [row["id"] for row in rows]
        assert all(set(row) == {*(column.name for column in dataset.columns), "url"} for row in rows)


def test_the_set_of_districts_counts_what_its_pages_count(client):
    here = make.firm(region_code="gaoxin")
    make.demand(firm=here, is_anonymous=False)
    make.demand(firm=here, is_anonymous=True, public_alias="某企业", public_detail="industry")
    serving = make.agency("跨区服务的机构")
    serving.regions.add(make.region("gaoxin"), make.region("jinpu"))
    rows = {row["id"]: row for row in rows_of(client, "districts")}
    assert (rows["gaoxin"]["demands"], rows["gaoxin"]["agencies"]) == (1, 1)
    assert (rows["jinpu"]["demands"], rows["jinpu"]["agencies"]) == (0, 1)
    assert rows["gaoxin"]["url"] == "http://testserver/districts/gaoxin/" and "210213" not in rows
    assert "开发区" in rows["jinpu"]["aliases"]


def test_a_hostile_cell_is_text_in_a_spreadsheet_and_an_identity_number_is_masked(client):
    make.achievement(title='=HYPERLINK("http://evil")', summary=f'@SUM(A1) {IDENTITY_NUMBER}\r\n+1,"2"')
    text = content(client, "achievements.csv")
    _head, line = csv.reader(io.StringIO(text))
    assert line[2] == '\'=HYPERLINK("http://evil")' and line[6].startswith("'@SUM")
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in line)
    assert IDENTITY_NUMBER not in text + content(client, "achievements.json")


def test_rows_are_read_in_parts(client, monkeypatch):
    """The first line leaves before the second part is read: memory does not grow with the table."""
    monkeypatch.setattr(writing, "CHUNK", 2)
    for number in range(7):
        make.achievement(title=f"第{number}项")
    fetched = []
    lines = writing.csv_lines(DATASETS["achievements"], lambda path: path)
    with connection.execute_wrapper(lambda execute, *args: (fetched.append(args[0]), execute(*args))[1]):
        next(lines), next(lines)
        early = len(fetched)
        assert len(list(lines)) == 6
    assert early < len(fetched)  # what belongs to later rows is read later


def test_the_catalogue_names_every_file_with_licence_and_fields(client, settings):
    settings.OPEN_DATA = {"licence": "某某开放许可", "licence_url": "https://data.example.cn/licence"}
    response = client.get(reverse("open_data_catalogue"))
    assert response["Content-Type"].startswith("application/ld+json")
    data = json.loads(response.content)
    assert data["@type"] == "dcat:Catalog" and data["dct:license"]["@id"] == "https://data.example.cn/licence"
    for dataset in data["dcat:dataset"]:
        assert dataset["dct:modified"]["@value"] and dataset["dct:description"]
        for part in dataset["dcat:distribution"]:
            path = part["dcat:downloadURL"]["@id"].removeprefix("http://testserver")
            assert client.get(path).status_code == 200
            assert all(column["dct:description"] for column in part["csvw:tableSchema"]["csvw:column"])
    page = client.get(reverse("open_data")).content.decode()
    assert "某某开放许可" in page and "intellectual_property" in page


def test_unknown_files_and_too_many_are_refused(client, monkeypatch):
    for name in ("achievements", "achievements.xml", "users.csv", "..csv"):
        assert client.get(f"/open-data/{name}").status_code == 404
    monkeypatch.setattr("portal.views.public.open_data.LIMIT", 1)
    content(client, "rounds.csv")
    assert client.get("/open-data/rounds.csv").status_code == 429


def test_structured_data_of_each_public_kind_is_valid_and_inert(client):
    people = calls.city()
    call = calls.published(people)
    institution = make.institution("</script><b>大学")
    make.achievement(institution=institution)
    pages = {
        reverse("round_detail", args=[make.docking_round().public_id]): "Event",
        reverse("challenge_detail", args=[call.public_id]): "Demand",
        reverse("institution_detail", args=[institution.public_id]): "CollegeOrUniversity",
        reverse("agency_detail", args=[make.agency("某某服务机构").public_id]): "ProfessionalService",
    }
    for path, kind in pages.items():
        text = client.get(path).content.decode()
        (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        assert json.loads(script)["@type"] == kind
        assert 'property="og:title"' in text
        assert path in client.get("/sitemap.xml").content.decode()


def test_the_feed_of_an_industry_has_all_kinds_and_no_other_industry(client):
    industry, elsewhere = Industry.objects.filter(parent=None, is_active=True)[:2]
    call = calls.published(calls.city(industry=industry))
    make.achievement(title="本产业的成果", industry=industry)
    other = make.achievement(title="别的产业的成果", industry=elsewhere)
    text = client.get(f"/news/feed/?industry={industry.slug}").content.decode()
    assert "新成果：本产业的成果" in text and f"新榜单：{call.public_title}" in text
    assert other.title not in text and other.title in client.get("/news/feed/").content.decode()
    assert client.get("/news/feed/?industry=none%00").status_code == 404
