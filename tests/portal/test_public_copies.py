"""Copies of public pages: used again for everybody, and never after what they show has changed."""

import gzip
import re
import time
from datetime import timedelta
from types import SimpleNamespace

import psycopg2
import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from achievements.models import Achievement
from achievements.services.lifecycle import withdraw_achievement
from challenges.models import Challenge
from core import facets
from demands.models import Demand
from mechanism.models import Base, Policy
from portal.public_copies import changes, middleware
from portal.public_copies.changes import ReadBefore
from portal.public_copies.copies import COPIES, Copies, PublicCopy
from portal.public_copies.registry import PUBLIC_PAGES
from portal.search.index import SEARCH_INDEX
from portfolio.services.view_counts import store_views
from tests import factories as make
from tests.challenges import calls
from tests.html_whitespace import collapse
from tests.waiting import wait_until

BROWSER = {"User-Agent": "Mozilla/5.0"}


def read(path: str, client: Client | None = None, **headers: str) -> HttpResponse:
    return (client or Client()).get(path, headers=BROWSER | headers)


def text(response: HttpResponse) -> str:
    if response.headers.get("Content-Encoding") == "gzip":
        return collapse(gzip.decompress(response.content_as_sent)).decode()
    return response.text


def is_kept(path: str) -> bool:
    """Whether the second reader gets a copy: one statement, the check; none where the page shows no rows."""
    with CaptureQueriesContext(connection) as queries:
        read(path)
    return not queries or (len(queries) == 1 and "portal_publicchange" in queries[0]["sql"])


def addresses() -> dict[str, str]:
    """A page of each name, with rows on it."""
    achievement, demand, agency = make.achievement(), make.demand(), make.agency("示例转移中心")
    docking_round = make.docking_round()
    docking_round.featured.add(achievement)
    make.agenda_item(docking_round)
    now = timezone.now()
    base = Base.objects.create(name="涂层中试基地", kind="pilot", organisation=agency.organisation)
    policy = Policy.objects.create(
        title="政策", source="公开报道", summary="给予支持。", valid_from=timezone.localdate(), published_at=now
    )
    rows = {
        "achievement": achievement,
        "demand": demand,
        "institution": achievement.institution,
        "industry": SimpleNamespace(public_id=achievement.industry.slug),
        "district": SimpleNamespace(public_id="jinpu"),
        "agency": agency,
        "round": docking_round,
        "base": base,
        "policy": policy,
        "challenge": calls.published(calls.city()),
    }
    paths = {}
    for name in PUBLIC_PAGES:
        kind = name.removeprefix("api_").partition("_")[0].partition("-")[0]
        is_one = name.endswith(("detail", "agenda"))
        paths[name] = reverse(name, args=[rows[kind].public_id] if is_one else [])
    return paths | {
        "search": reverse("search") + "?q=三元正极",
        "comparison": f"{reverse('comparison')}?id={achievement.public_id}",
    }


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_each_public_page_is_rendered_once_and_is_one_for_all():
    problems = []
    for name, path in addresses().items():
        first = read(path)
        again = read(path)
        html = text(first)
        if first.status_code != 200 or text(again) != html or not is_kept(path):
            problems.append(f"{name}: {first.status_code}, not kept (a table without a trigger?)")
            continue
        if read(path, **{"If-None-Match": first["ETag"]}).status_code != 304:
            problems.append(f"{name}: no 304")
        if "public" not in first["Cache-Control"] or "max-age=0" not in first["Cache-Control"]:
            problems.append(f"{name}: {first['Cache-Control']}")
        if first.cookies or again.cookies or "csrfmiddlewaretoken" in html:
            problems.append(f"{name}: something of one visitor")
        if "Cookie" not in first["Vary"]:
            problems.append(f"{name}: {first['Vary']}")
        for form in re.findall(r'<form[^>]*method="post"[^>]*>', html):
            action = re.search(r'action="([^"]+)"', form)
            if not action or not getattr(resolve(action[1]).func, "accepts_same_origin", False):
                problems.append(f"{name}: its form needs a token: {form}")
    assert not problems, "\n".join(problems)


@pytest.mark.django_db(transaction=True)
def test_large_letters_have_one_copy_more_and_a_visitors_list_has_none():
    achievement = make.achievement()
    path = reverse("achievement_list")
    usual, large, other = Client(), Client(), Client()
    large.cookies["text_size"] = "large"
    other.cookies["favourites"] = f"a-{achievement.public_id}"
    pages = [text(read(path, client)) for client in (usual, large, other)]
    assert 'class="large"' in pages[1] and pages[0] == pages[2] != pages[1]
    for client, page in zip((usual, large, other), pages, strict=True):
        with CaptureQueriesContext(connection) as queries:
            assert text(read(path, client)) == page
        assert len(queries) == 1 and "portal_publicchange" in queries[0]["sql"]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_what_is_withdrawn_is_on_no_page_afterwards():
    institution = make.institution()
    achievement = make.achievement(title="看得见的成果", institution=institution)
    demand = make.demand(title="看得见的需求", is_anonymous=False)
    firm = demand.firm.name
    achievement_page, demand_page = (
        reverse(f"{kind}_detail", args=[row.public_id])
        for kind, row in (("achievement", achievement), ("demand", demand))
    )
    lists = ["/", "/achievements/", "/demands/", "/achievements/feed/", "/demands/feed/", "/sitemap.xml",
             "/search/?q=看得见的", "/api/v1/achievements/", "/api/v1/demands/",
             reverse("institution_detail", args=[institution.public_id])]  # fmt: skip
    before = {path: text(read(path)) for path in (*lists, achievement_page, demand_page)}
    assert all(is_kept(path) for path in before)
    assert "看得见的成果" in before["/"] and firm in before[demand_page] and firm in before["/demands/"]

    Demand.objects.filter(pk=demand.pk).update(is_anonymous=True, public_alias="某企业")
    assert [path for path in (*lists, demand_page) if firm in text(read(path))] == []
    Demand.objects.filter(pk=demand.pk).update(is_private=True, published_at=None)
    assert read(demand_page).status_code == 404
    assert [path for path in lists if demand.public_id in text(read(path))] == []
    withdraw_achievement(achievement, by=make.city_officer(), reason="重复")
    assert read(achievement_page).status_code == 404
    assert [
        path for path in lists if achievement.public_id in text(read(path)) or "得见的成果" in text(read(path))
    ] == []


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_from_its_commit_and_drafts_do_not_count():
    achievement = make.achievement(title="原来的名称")
    read("/")
    settings = connection.settings_dict
    writer = psycopg2.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"],
    )  # fmt: skip
    with writer.cursor() as cursor:
        cursor.execute("UPDATE achievements_achievement SET title = '后来的名称' WHERE id = %s", (achievement.pk,))
        assert is_kept("/") and "原来的名称" in text(read("/"))
        COPIES.clear()
        assert "原来的名称" in text(read("/"))  # rendered while the other transaction is open
        writer.commit()
    writer.close()
    assert "后来的名称" in text(read("/"))
    drafts, user = [make.achievement(registered=False), make.demand(published=False)], make.user()
    pages = ("/", reverse("institution_detail", args=[achievement.institution.public_id]))
    for path in pages:
        read(path)
    for draft in drafts:
        draft.title = "草稿"
        draft.save()
    user.save(update_fields=["last_login"])  # each sign-in writes it
    assert all(is_kept(path) for path in pages)
    user.save(update_fields=["is_active"])
    assert is_kept(pages[0]) and not is_kept(pages[1])


@pytest.mark.django_db(transaction=True)
def test_no_visitor_gets_the_page_of_another(signed_in):
    achievement = make.achievement()
    user = make.firm_officer(name="张示例")
    path = reverse("achievement_detail", args=[achievement.public_id])
    own = read(path, signed_in(user))
    assert "退出" in text(own) and own["Cache-Control"] == "private, no-store" and "ETag" not in own
    anonymous = text(read(path))
    assert "退出" not in anonymous and is_kept(path)
    assert "退出" in text(read(path, signed_in(user)))
    # Who has written something without signing in has a session, and sees messages that are for this visitor.
    writer = Client(headers=BROWSER)
    writer.post(reverse("enquire", args=[achievement.public_id]), {"text": "能用于船舶吗？", "purpose": "licence"})
    with_message = read(path, writer)
    assert "写的内容已经保留" in text(with_message) and with_message["Cache-Control"] == "private, no-store"
    assert text(read(path)) == anonymous
    assert read(reverse("sign_up"))["Cache-Control"] == "private, no-store"


@pytest.mark.django_db(transaction=True)
def test_fragments_hosts_and_compression_have_copies_of_their_own(settings):
    settings.ALLOWED_HOSTS = ["testserver", "example.org"]
    make.achievement()
    path = "/achievements/"
    whole, part = read(path), read(path, **{"HX-Request": "true"})
    assert "<html" in text(whole) and "<html" not in text(part) and part["ETag"] != whole["ETag"]
    assert "<html" not in text(read(path, **{"HX-Request": "true"})) and "HX-Request" in whole["Vary"]
    assert "http://example.org/" in text(read("/", host="example.org"))
    assert "http://testserver/" in text(read("/")) and "example.org" not in text(read("/"))
    packed = read(path, **{"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip" and text(packed) == text(whole)
    assert packed["Content-Length"] == str(len(packed.content_as_sent)) and "Accept-Encoding" in packed["Vary"]
    head = Client().head(path, headers=BROWSER)
    assert head.status_code == 200 and head["ETag"] == whole["ETag"] and not head.content


@pytest.mark.django_db(transaction=True)
def test_readers_of_a_copy_are_counted():
    achievement = make.achievement()
    path = reverse("achievement_detail", args=[achievement.public_id])
    for number in range(3):
        Client(REMOTE_ADDR=f"10.0.0.{number}").get(path, headers=BROWSER)
    assert is_kept(path)  # 127.0.0.1
    assert store_views() == 4


@pytest.mark.django_db(transaction=True)
def test_without_the_check_or_the_memory_the_page_is_rendered(settings, monkeypatch):
    make.achievement()
    settings.PUBLIC_COPY_MEGABYTES = 0
    read("/")
    assert len(COPIES) == 0 and not is_kept("/")
    settings.PUBLIC_COPY_MEGABYTES = 1
    read("/")
    assert is_kept("/")

    def fail(*_args):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(middleware, "is_current", fail)
        patch.setattr(middleware, "read_snapshot", fail)
        assert read("/").status_code == 200 and not is_kept("/")
        assert read("/help/").status_code == 200  # needs no database
    settings.PUBLIC_COPY_SECONDS = 0
    assert "ETag" not in read("/") and "public" in read("/")["Cache-Control"]


class Replica:
    """Stands for a server that follows the first and is behind: it has replayed all transactions before `oldest`."""

    def __init__(self, oldest: int) -> None:
        self.oldest = oldest

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    cursor = __enter__

    def execute(self, sql):
        assert "pg_snapshot_xmin" in sql

    def fetchone(self):
        return (str(self.oldest),)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_read_from_a_replica_is_kept_until_what_it_has_not_replayed(monkeypatch):
    path = addresses()["achievement_detail"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (next_transaction,) = cursor.fetchone()
    monkeypatch.setattr(changes, "is_reading_replica", lambda: True)
    monkeypatch.setattr(changes, "connections", {"replica": Replica(next_transaction)})
    read(path)
    assert is_kept(path)
    Achievement.objects.update(title="后来的名称")  # the primary has it; the replica has not replayed it yet
    assert not is_kept(path)
    read(path)
    assert len(COPIES) == 1 and not is_kept(path)  # rendered from the replica as it was
    monkeypatch.setattr(changes, "connections", {"replica": Replica(next_transaction + 10**9)})
    read(path)
    assert is_kept(path)


@pytest.mark.django_db(transaction=True)
def test_the_copy_of_a_call_ends_when_the_call_closes():
    challenge = calls.published(calls.city())
    closes_at = timezone.now() + timedelta(seconds=40)
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=closes_at, announced_closes_at=closes_at)
    for path in ("/challenges/", reverse("challenge_detail", args=[challenge.public_id])):
        COPIES.clear()
        read(path)
        (copy,) = COPIES._copies.values()
        assert copy.ends_at <= time.monotonic() + 40, path


@pytest.mark.django_db(transaction=True)
def test_a_page_from_an_old_search_index_is_not_kept(monkeypatch):
    achievement = make.achievement(title="高镍三元正极材料")
    SEARCH_INDEX.clear()
    path = "/search/?q=三元正极"
    read(path)
    assert is_kept(path)
    old = SEARCH_INDEX.current()
    Achievement.objects.filter(pk=achievement.pk).update(title="低镍三元正极材料")
    monkeypatch.setattr(SEARCH_INDEX, "_ready_index", lambda: old)  # as while a large registry is indexed anew
    read(path)
    assert not is_kept(path)


@pytest.mark.django_db(transaction=True)
def test_rows_are_counted_for_the_search_index_only_after_something_was_written(monkeypatch):
    monkeypatch.setattr("portal.search.index.MAX_ROWS_AT_ONCE", -1)  # as in a large registry
    monkeypatch.setattr("portal.search.index.CHECK_SECONDS", -1)
    counted = []
    count = type(SEARCH_INDEX)._version
    monkeypatch.setattr(type(SEARCH_INDEX), "_version", lambda index: counted.append(1) or count(index))
    achievement = make.achievement(title="高镍三元正极材料")
    SEARCH_INDEX.clear()
    wait_until(SEARCH_INDEX.current_or_none)
    SEARCH_INDEX.current_or_none()
    counted.clear()
    assert SEARCH_INDEX.current_or_none() and not counted
    Achievement.objects.filter(pk=achievement.pk).update(title="低镍三元正极材料")
    assert SEARCH_INDEX.current_or_none() and counted
    counted.clear()
    achievement.intellectual_property.create(kind="invention", title="一种正极材料", number="ZL202110000001.X")
    SEARCH_INDEX.current_or_none()
    assert counted, "a table that the index reads and that is not counted: the rows were counted, for others"
    counted.clear()
    assert SEARCH_INDEX.current_or_none() and not counted
    monkeypatch.setattr("portal.search.index.COUNT_SECONDS", -1)
    assert SEARCH_INDEX.current_or_none() and counted


@pytest.fixture
def _counts_of_this_test():
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_counts_of_this_test")
def test_a_page_with_a_kept_count_ends_with_the_count(monkeypatch):
    monkeypatch.setattr(facets, "CACHE_COUNTS_FROM", 1)
    make.achievement()
    read("/achievements/")
    assert is_kept("/achievements/")  # counted for this page
    COPIES.clear()
    monkeypatch.setattr(COPIES, "keep", lambda _key, copy, **_how: ends.append(copy.ends_at))
    ends: list[float] = []
    read("/achievements/")
    assert ends[0] <= time.monotonic() + facets.CACHE_SECONDS


@pytest.mark.django_db(transaction=True)
def test_old_changes_are_forgotten():
    make.achievement()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_publicchange WHERE source = 'achievements_achievement'")
        assert cursor.fetchone()[0] > 0
        changes.forget_old()
        cursor.execute("SELECT count(*) FROM portal_publicchange WHERE source = 'achievements_achievement'")
        assert cursor.fetchone()[0] > 0
        cursor.execute("UPDATE portal_publicchange SET changed_at = now() - %s", (timedelta(days=2),))
        changes.forget_old()
        cursor.execute("SELECT count(*) FROM portal_publicchange")
        assert cursor.fetchone()[0] == 0


def test_a_process_keeps_so_many_bytes_and_the_latest_used():
    copies = Copies()
    since = (ReadBefore("1:1:", frozenset()),)

    def page(body: bytes, seconds: float = 60) -> PublicCopy:
        return PublicCopy.of(HttpResponse(body), since, ends_at=time.monotonic() + seconds)

    copy = page(b"short")
    most = copy.size * 10
    for number in range(10):
        copies.keep(number, page(b"short"), most_bytes=most)
    assert copies.get(0) is not None
    copies.keep("eleventh", page(b"short"), most_bytes=most)
    assert copies.get(1) is None and copies.get(0) is not None and len(copies) == 10 and copies.size == most
    copies.keep(0, page(b"other"), most_bytes=most)
    assert copies.size == most
    copies.keep("old", page(b"short", seconds=0), most_bytes=most)
    assert copies.get("old") is None
    copies.keep("too large", page(b"short"), most_bytes=copy.size)
    assert copies.get("too large") is None


@pytest.mark.django_db
def test_forms_of_public_pages_are_posted_with_the_word_of_the_browser():
    strict = Client(enforce_csrf_checks=True)
    achievement = make.achievement()
    question, enquiry = reverse("ask"), reverse("enquire", args=[achievement.public_id])

    def post(path: str, data: dict, **headers: str) -> int:
        return strict.post(path, data, headers=headers).status_code

    own, foreign = {"Origin": "http://testserver"}, {"Origin": "http://evil.example"}
    assert post(question, {"text": "船体焊缝变形大，校正费工，怎么减小？"}, **own) == 200
    assert post(enquiry, {"text": "能用于船舶吗？"}, **own) == 302
    for path in (question, enquiry, reverse("favourite_add")):
        assert post(path, {"text": "难题", "achievement": achievement.public_id}) == 403
        assert post(path, {"text": "难题", "achievement": achievement.public_id}, **foreign) == 403
        assert post(path, {"text": "难题", "achievement": achievement.public_id}, Origin="null") == 403
    assert post(reverse("login"), {"username": "a", "password": "b"}, **own) == 403  # only where it is said
