"""The read API: content, visibility, filters, pagination, errors, schema."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from achievements.models import Achievement
from brokers.models import Agency, Broker
from demands.models import Demand
from tests import factories

pytestmark = pytest.mark.django_db
LISTS = ["achievements", "demands", "agencies", "rounds", "industries"]
FIRM = "大连瀚海特种轴承有限公司"


@pytest.fixture(autouse=True)
def _empty_throttle_cache():
    cache.clear()


def get(client, path, status=200, **headers):
    answer = client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == ("application/json" if status == 200 else "application/problem+json")
    return answer.json()


def agency(name="示例技术转移中心（演示）") -> Agency:
    made = Agency.objects.create(
        organisation=factories.organisation("agency", name),
        kind=Agency.Kind.TRANSFER,
        services=["consulting"],
        verified_at=timezone.now(),
        verified_by=factories.city_officer(),
    )
    made.regions.add(factories.region())
    Broker.objects.create(name="经纪人", agency=made, level=Broker.Level.SENIOR, certificate_number=name)
    return made


def one_of_each():
    achievement = factories.achievement(keywords=["包覆"])
    achievement.indicators.create(name="容量保持率", value="91", unit="%")
    achievement.intellectual_property.create(kind="invention", number="X")
    achievement.completers.create(name="甲")
    demand = factories.demand(keywords=["电池"])
    demand.indicators.create(name="寿命", value="1000", unit="次")
    docking_round = factories.docking_round()
    docking_round.featured.add(achievement)
    return {
        "achievements": achievement,
        "demands": demand,
        "agencies": agency(f"中心{achievement.pk}"),
        "rounds": docking_round,
    }


# --- Content -----------------------------------------------------------------------------------------------------
def test_lists_and_details(client):
    for name, row in one_of_each().items():
        listed = get(client, f"{name}/")
        assert [item["id"] for item in listed["results"]] == [row.public_id]
        assert get(client, f"{name}/{row.public_id}/")["id"] == row.public_id
    industries = get(client, "industries/?page_size=100")
    assert {"slug": "materials", "name": "新材料", "parent": None} in industries["results"]
    assert get(client, "industries/materials/")["name"] == "新材料"


def test_achievement_detail_has_the_fields_of_the_page(client):
    row = one_of_each()["achievements"]
    shown = get(client, f"achievements/{row.public_id}/")
    assert shown["institution"] == {"id": row.institution.public_id, "name": "大连理工大学"}
    assert shown["stage"] == {"code": "middle", "label": "中期阶段"}
    assert shown["transfer_ways"] == [{"code": "licence", "label": "技术许可"}]
    assert shown["maturity"] == {
        "scale": {"code": "trl9", "label": "技术就绪度（9 级）"},
        "level": None,
        "bucket": None,
    }
    assert shown["indicators"][0]["text"] == "≥ 91%"
    assert shown["intellectual_property"][0]["kind"] == {"code": "invention", "label": "发明专利"}


def test_round_detail_has_only_public_achievements(client):
    docking_round = one_of_each()["rounds"]
    docking_round.featured.add(factories.achievement(registered=False, title="还没有公开的成果"))
    assert len(get(client, f"rounds/{docking_round.public_id}/")["featured"]) == 1


def test_agency_detail_has_no_contacts_and_no_expired_brokers(client):
    made = agency()
    Broker.objects.create(
        name="过期",
        agency=made,
        level="junior",
        certificate_number="2",
        expires_on=timezone.localdate().replace(year=2020),
    )
    shown = get(client, f"agencies/{made.public_id}/")
    assert [broker["name"] for broker in shown["brokers"]] == ["经纪人"]
    assert not {"contact", "phone", "email"} & shown.keys()


# --- Visibility --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [None, "city_officer", "district_officer", "auditor", "firm"])
def test_anonymous_firm_is_masked_for_every_user(client, who):
    firm = factories.firm(FIRM)
    demand = factories.demand(
        firm=firm,
        is_anonymous=True,
        public_alias="金普新区某轴承企业",
        title="瀚海特种轴承的寿命",
        problem=f"{FIRM}的轴承寿命短",
        goal="瀚海特种要十年",
        keywords=["瀚海特种", "轴承"],
    )
    demand.indicators.create(name="瀚海特种寿命", value="10", unit="年", condition=f"在{FIRM}测")
    if who:
        client.force_login(factories.firm_officer(firm) if who == "firm" else getattr(factories, who)())
    for path in ("demands/", f"demands/{demand.public_id}/", "demands/?q=轴承"):
        text = json.dumps(get(client, path), ensure_ascii=False)
        assert "瀚海" not in text
        assert "金普新区某轴承企业" in text


def test_anonymous_firm_cannot_be_searched_by_name(client):
    factories.demand(firm=factories.firm(FIRM), is_anonymous=True, public_alias="某企业")
    factories.demand(firm=factories.firm("大连明远重工有限公司"))
    assert get(client, "demands/?q=瀚海特种")["count"] == 0
    assert get(client, f"demands/?q={FIRM}")["count"] == 0
    assert get(client, "demands/?q=明远重工")["count"] == 1


def test_drafts_are_visible_to_their_owner_only(client):
    draft = factories.achievement(registered=False)
    path = f"achievements/{draft.public_id}/"
    get(client, path, 404)
    client.force_login(factories.institution_officer(factories.institution("大连海事大学")))
    get(client, path, 404)
    client.force_login(factories.institution_officer(draft.institution))
    assert get(client, path)["status"] == {"code": "draft", "label": "草稿"}
    assert get(client, "achievements/")["count"] == 0


# --- Filters and pages -------------------------------------------------------------------------------------------
def test_filters_work_as_on_the_pages(client):
    factories.achievement(title="陶瓷轴承", stage="mature")
    factories.achievement(title="电池隔膜", stage="early")
    assert [row["title"] for row in get(client, "achievements/?q=轴承")["results"]] == ["陶瓷轴承"]
    assert [row["title"] for row in get(client, "achievements/?stage=early")["results"]] == ["电池隔膜"]
    assert get(client, "achievements/?stage=early&stage=mature")["count"] == 2
    assert get(client, "achievements/?q=大连理工")["count"] == 2
    assert get(client, "rounds/?status=gathering")["count"] == 0
    assert get(client, "agencies/?service=consulting")["count"] == 0


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("achievements/?stage=nonsense", "stage"),
        ("achievements/?industry=nonsense", "industry"),
        ("achievements/?price=1", "price"),
        ("achievements/?q=轴", "q"),
        ("achievements/?q=%00%00", "q"),
        ("demands/?kind=x", "kind"),
        ("demands/?region=x", "region"),
        ("agencies/?service=x", "service"),
        ("rounds/?status=x", "status"),
        ("rounds/?starts_after=x", "starts"),
    ],
)
def test_unknown_parameter_value_is_refused_by_name(client, path, field):
    problem = get(client, path, 400)
    assert problem["title"] == "请求参数有误"
    assert list(problem["errors"]) == [field]
    assert problem["detail"].startswith(f"{field}：")


def test_pages_are_stable_and_complete(client):
    for _ in range(5):
        factories.achievement()
    Achievement.objects.update(updated_at=timezone.now())
    seen = []
    path = "achievements/?page_size=2"
    while path:
        answer = get(client, path)
        seen += [row["id"] for row in answer["results"]]
        path = answer["next"] and answer["next"].partition("/api/v1/")[2]
    assert len(seen) == 5 == len(set(seen))
    assert len(get(client, "achievements/?page_size=3")["results"]) == 3
    assert get(client, "achievements/?page=9", 404)["title"] == "没有找到"


def test_page_size_is_at_most_a_hundred(client, monkeypatch):
    first = factories.achievement()
    rows = [
        Achievement(**{f.attname: getattr(first, f.attname) for f in Achievement._meta.fields if f.attname != "id"})
        for _ in range(100)
    ]
    for number, row in enumerate(rows):
        row.public_id, row.title, row.registry_number = (
            f"2222222{number:03}".replace("0", "z").replace("1", "y"),
            f"成果{number}",
            f"B{number}",
        )
    Achievement.objects.bulk_create(rows)
    assert len(get(client, "achievements/?page_size=1000")["results"]) == 100


@pytest.mark.parametrize("name", LISTS)
def test_query_count_is_constant(client, name, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            get(client, path)
        return len(captured)

    rows = one_of_each()
    expected_count = queries(f"{name}/")
    one_of_each()
    one_of_each()
    assert get(client, f"{name}/")["count"] >= 3
    assert queries(f"{name}/") == expected_count
    if name in rows:
        row = rows[name]
        alone = queries(f"{name}/{row.public_id}/")
        for related in ("indicators", "intellectual_property", "completers"):
            for copy in getattr(row, related, row.__class__.objects.none()).all():
                copy.pk = None
                copy.save()
        assert queries(f"{name}/{row.public_id}/") == alone


# --- Errors ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["", "nonsense/", "achievements/23456789ab/", "achievements/1/", "demands/2/3/"])
def test_unknown_url_is_a_404_problem(client, path):
    problem = get(client, path, 404)
    assert problem == {"type": "about:blank", "title": "没有找到", "status": 404, "detail": problem["detail"]}
    assert re.search(r"[\u4e00-\u9fff]", problem["detail"])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("name", LISTS)
def test_only_get_is_allowed(client, method, name):
    answer = getattr(client, method)(f"/api/v1/{name}/")
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "不支持的请求方法"
    assert "GET" in answer["Allow"]


def test_only_json_is_available(client):
    assert get(client, "achievements/", 406, accept="text/csv")["title"] == "不支持的返回格式"


@pytest.mark.long
def test_too_many_requests_are_throttled(client):
    for _ in range(120):
        client.get("/api/v1/industries/materials/")
    answer = client.get("/api/v1/industries/materials/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["title"] == "请求过于频繁"


def test_server_error_reveals_no_details(client, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Demand.objects.none().__class__, "published", fail)
    problem = get(client, "demands/", 500)
    assert problem["title"] == "服务器出错"
    assert "secret" not in json.dumps(problem)
    assert "secret detail" in caplog.text


def test_lost_database_is_a_503(client, monkeypatch, caplog):
    def fail(*args):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Demand.objects.none().__class__, "published", fail)
    assert get(client, "demands/", 503)["title"] == "服务暂时不可用"


# --- Schema ------------------------------------------------------------------------------------------------------
def test_schema_contains_every_url(client):
    answer = client.get("/api/v1/openapi.json")
    described = json.loads(answer.content)
    assert described["openapi"].startswith("3.1")
    keys = dict.fromkeys(LISTS, "public_id") | {"industries": "slug", "figures": "key"}
    assert set(described["paths"]) == {f"/api/v1/{name}/" for name in keys} | {
        f"/api/v1/{name}/{{{key}}}/" for name, key in keys.items()
    }
    assert all(set(operations) == {"get"} for operations in described["paths"].values())
    parameters = {parameter["name"] for parameter in described["paths"]["/api/v1/demands/"]["get"]["parameters"]}
    assert parameters == {"q", "industry", "kind", "way", "region", "budget", "wants_challenge", "page", "page_size"}
    problem = described["paths"]["/api/v1/demands/"]["get"]["responses"]["400"]
    assert "application/problem+json" in problem["content"]


def test_responses_have_the_fields_of_the_schema(client):
    described = json.loads(client.get("/api/v1/openapi.json").content)["components"]["schemas"]
    names = {
        "achievements": "AchievementDetail",
        "demands": "DemandDetail",
        "agencies": "Agency",
        "rounds": "RoundDetail",
    }
    for name, row in one_of_each().items():
        assert get(client, f"{name}/{row.public_id}/").keys() == described[names[name]]["properties"].keys()


def test_documentation_page_uses_own_static_files(client):
    answer = client.get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "/api/v1/openapi.json" in page
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist" in page
    assert not re.search(r"(src|href)=[\"'](https?:)?//", page)
