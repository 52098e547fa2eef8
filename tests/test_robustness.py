"""Bad input and failures: a clear message, nothing half written, nothing typed is lost.

What belongs to one page alone is tested with it: wrong files at the import page in `tests.portal.test_hostile_uploads`,
stale forms of the workbench in `tests.portal.test_editing`, a lost database in `tests.portal.test_errors`,
a lost broker in `tests.matching.test_runs`, foreign ids in `tests.test_walk`. What two do at the same moment is in
`tests.test_concurrent_edits`.
"""

import io
import re
import zlib
from contextlib import nullcontext
from datetime import timedelta
from html.parser import HTMLParser
from unittest import mock
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import OperationalError, connection
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from accounts.models import SignUp, SourceFile
from accounts.services import source_files
from achievements.models import Achievement
from demands.models import Demand
from matching.models import MatchRun
from matching.services.runs import sweep_runs
from rounds.models import DockingRound
from tests import factories as make
from tests.achievements.test_forms import filled
from tests.demands.sheets import workbook
from tests.demands.test_forms import FILLED
from tests.matching.test_runs import no_broker
from tests.portal.test_hostile_uploads import HOSTILE
from tests.sheets.workbooks import patch_archive

pytestmark = pytest.mark.long

STRANGE = {
    "emoji": "熱泵😀🔧機組👨‍👩‍👧",
    "traditional": "電池正極材料表面包覆技術",
    "markup": "<script>alert(1)</script>{{ 7*7 }}",
    "quotes": "'; DROP TABLE demands_demand; --\"\\",
    "bidi": "電池\u202e材料",
}
KINDS = ("achievements", "demands", "agencies", "brokers")


def upload(client, kind: str, content: bytes, name: str = "需求.xlsx"):
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("import_start", args=[kind]), {"file": file}, follow=True)


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


class Controls(HTMLParser):
    """What a browser would send of the admin's change form: its controls with the values they show."""

    def __init__(self, page):
        super().__init__()
        self.values, self.is_inside, self.select, self.area = {}, False, "", ""
        self.feed(page.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name, value = given.get("name", ""), given.get("value", "on" if given.get("type") == "checkbox" else "")
        if tag == "form":
            self.is_inside = given.get("id", "").endswith("_form")
        if not self.is_inside:
            return
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self.values.setdefault(self.select, []).append(value)
        elif tag == "textarea":
            self.area, self.values[name] = name, [""]
        elif (tag == "input" and given.get("type") not in {"submit", "checkbox", "radio"}) or "checked" in given:
            self.values.setdefault(name, []).append(value)

    def handle_data(self, data):
        if self.area:
            self.values[self.area] = [self.values[self.area][0] + data]

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""
        self.is_inside &= tag != "form"


def posted(page) -> dict:
    """The change form as it stands; a leading line break of a textarea is the page's, not the text's."""
    values = Controls(page).values
    return {name: [value.removeprefix("\r\n").removeprefix("\n") for value in given] for name, given in values.items()}


# --- Wrong files -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", ["pdf renamed", "empty", "macros", "encrypted", "cut off"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_import_refuses_a_wrong_file_in_the_same_words(signed_in, kind, case):
    name, make_content, words = HOSTILE[case]
    page = upload(signed_in(make.city_officer()), kind, make_content(), name)
    assert page.status_code == 422
    assert words in page.context["error"]
    assert not SourceFile.objects.exists()


def test_macros_under_another_name_are_found(signed_in):
    content = patch_archive(workbook({}), xl__vbaProject_dot_bin=b"macro")
    page = upload(signed_in(make.district_officer()), "demands", content, "看起来没有宏.xlsx")
    assert page.status_code == 422
    assert "宏" in page.text


def test_a_formula_is_not_read_and_its_cell_is_named(signed_in):
    client = signed_in(make.district_officer())
    page = upload(client, "demands", workbook({}, {"需求名称": '=HYPERLINK("http://x.example","点我")'}))
    assert page.status_code == 200
    assert "是公式，请改为数值粘贴" in page.text
    assert "需求名称" in page.text
    assert "x.example" not in page.text
    written = client.post(reverse("import_write", args=[SourceFile.objects.get().public_id]), follow=True)
    assert "要修改" in written.text
    assert not Demand.objects.exists()


# --- What they stand on is lost ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_round_closed_without_a_broker_says_so_and_runs_later(client):
    make.achievement()
    make.demand()
    docking_round = make.ended_round()
    client.force_login(make.city_officer())
    with no_broker():
        page = client.post(reverse("admin:rounds_act_close", args=[docking_round.pk]), follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "活动已结束，匹配正在后台进行，完成后各区市县即可审核。"
    ]
    run = MatchRun.objects.get()
    docking_round.refresh_from_db()
    assert (docking_round.status, docking_round.match_run, run.status) == (DockingRound.Status.CLOSED, run, "queued")
    assert run.chunks.get().sent_at is None
    with mock.patch("matching.services.runs.enqueue") as sent:
        sweep_runs(older_than=timedelta(0))
    sent.assert_called_once_with("matching.tasks.prepare_run", run.pk)


@pytest.mark.django_db(transaction=True)
def test_a_database_lost_in_the_middle_of_an_import_leaves_nothing_and_the_next_click_writes_it(signed_in, monkeypatch):
    client = signed_in(make.district_officer())
    upload(client, "demands", workbook({}, {"需求名称": "第二项需求"}))
    source_file = SourceFile.objects.get()
    write = reverse("import_write", args=[source_file.public_id])
    real = source_files.record_import_result

    def lose(*args, **kwargs):
        assert Demand.objects.count() == 2, "the rows are there when the connection goes"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(source_files, "record_import_result", lose)
    page = client.post(write)
    connection.close()
    assert page.status_code == 503
    assert "数据库暂时连接不上" in page.text
    source_file.refresh_from_db()
    assert (Demand.objects.count(), source_file.written_at) == (0, None)
    monkeypatch.setattr(source_files, "record_import_result", real)
    assert client.post(write, follow=True).status_code == 200
    assert Demand.objects.count() == 2


def test_a_database_lost_during_a_save_is_a_503_and_the_row_is_as_it_was(signed_in, monkeypatch):
    client = signed_in(make.city_officer())
    row = make.demand()
    page = client.get(change_url(row))
    lost = mock.Mock(side_effect=OperationalError("server closed the connection unexpectedly"))
    monkeypatch.setattr("demands.admin.demands.fill_derived_fields", lost)
    answer = client.post(change_url(row), posted(page) | {"title": "改过的名称"})
    assert answer.status_code == 503
    assert Demand.objects.get().title == row.title


# --- A stale form ------------------------------------------------------------------------------------------------
def edited_meanwhile(signed_in, row, field: str, theirs: str, mine: str):
    """A colleague saves while my page is open; what my first and my second click on save get."""
    client, colleague = signed_in(make.city_officer()), signed_in(make.city_officer(name="王晓"))
    page = client.get(change_url(row))
    colleague.post(change_url(row), posted(colleague.get(change_url(row))) | {field: theirs})
    row.refresh_from_db()
    assert getattr(row, field) == theirs
    refused = client.post(change_url(row), posted(page) | {field: mine})
    row.refresh_from_db()
    assert getattr(row, field) == theirs, "nothing of a colleague's is overwritten unseen"
    done = client.post(change_url(row), posted(refused) | {field: mine})
    row.refresh_from_db()
    assert (done.status_code, getattr(row, field)) == (302, mine)
    return refused


@pytest.mark.parametrize(
    ("new", "field", "theirs", "mine"),
    [
        (make.demand, "problem", "王晓补充的问题。", "我写了很久的问题。"),
        (make.achievement, "summary", "王晓补充的简介，说明效果。", "我写了很久的简介，说明效果。"),
        (make.firm, "profile", "王晓写的介绍", "我写的介绍"),
    ],
)
def test_an_admin_page_left_open_overwrites_nobody_unseen(signed_in, new, field, theirs, mine):
    refused = edited_meanwhile(signed_in, new(), field, theirs, mine)
    assert refused.status_code == 200
    assert "王晓" in refused.text
    assert "还没有保存" in refused.text
    assert theirs in refused.text
    assert mine in refused.text


def test_an_admin_page_saved_at_once_is_not_stale(signed_in):
    client, row = signed_in(make.city_officer()), make.demand()
    for title in ("第一次修改", "第二次修改"):
        assert client.post(change_url(row), posted(client.get(change_url(row))) | {"title": title}).status_code == 302
    row.refresh_from_db()
    assert row.title == "第二次修改"


def sign_up_data(**fields) -> dict:
    return {
        "firm_name": "大连演示轴承有限公司",
        "credit_code": "91210200MATNNMEGBG",
        "stat_region": make.region("jinpu").pk,
        "name": "演示员",
        "phone": "13800001234",
        "username": "bearing",
        "password": "Bearing-2026-ok",
        "password_again": "Bearing-2026-ok",
        "consent": "on",
    } | fields


# --- Foreign ids -------------------------------------------------------------------------------------------------
def test_what_one_may_not_know_of_looks_exactly_like_what_is_not_there(signed_in):
    client = signed_in(make.firm_officer())
    hidden = make.demand(published=False)
    pages = [client.get(reverse("demand_detail", args=[name])) for name in (hidden.public_id, "2222222222")]
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    texts = [token.sub("", page.text.replace(hidden.public_id, "2222222222")) for page in pages]
    assert [page.status_code for page in pages] == [404, 404]
    assert texts[0] == texts[1]
    assert "没有找到" in texts[0]


# --- Strange text ------------------------------------------------------------------------------------------------
def new_item(signed_in, what: str, **changes):
    """(answer to the form of a new achievement or need, how many there are now)."""
    if what == "achievement":
        user, model = make.institution_officer(), Achievement
        data = filled(user)
    else:
        user, model = make.firm_officer(), Demand
        data = FILLED | {"firm": next(iter(user.scope.firm_ids))}
    page = signed_in(user).post(reverse(f"{what}_new"), data | changes | {"save": "1"})
    return page, model.objects.count()


@pytest.mark.parametrize("what", ["achievement", "demand"])
@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_text_is_kept_as_written_and_shown_as_text(signed_in, what, text):
    page, count = new_item(signed_in, what, title=text)
    assert (page.status_code, count) == (302, 1)
    row = (Achievement if what == "achievement" else Demand).objects.get()
    assert row.title == text.replace("\u202e", "")  # what cannot be seen turns a title around
    shown = signed_in(make.city_officer()).get(page.url).text
    assert "<script>alert(1)" not in shown
    assert "{49}" not in shown


@pytest.mark.parametrize("what", ["achievement", "demand"])
@pytest.mark.parametrize(
    ("text", "words"),
    [("长" * 100_000, "200"), ("空\x00字符", "空字符"), ("\x01\x02", "不能为空"), ("   ", "填写")],
    ids=["too long", "NUL", "only control characters", "blank"],
)
def test_what_cannot_be_a_title_is_refused_and_the_rest_stays_typed(signed_in, what, text, words):
    page, count = new_item(signed_in, what, title=text)
    assert (page.status_code, count) == (422, 0)
    faults = " ".join(error.text for error in page.context["errors"])
    assert words in faults, faults
    assert ("两次包覆" if what == "achievement" else "主轴温升") in page.text or "正极颗粒" in page.text
    assert "0411-" in page.text


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_names_at_sign_up(client, db, text):
    page = client.post(reverse("sign_up"), sign_up_data(firm_name=text), follow=True)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    assert SignUp.objects.count() == 1


@pytest.mark.parametrize("text", ["长" * 10_000, "空\x00字符"], ids=["too long", "NUL"])
@pytest.mark.parametrize("field", ["firm_name", "credit_code", "name", "phone", "username", "password"])
def test_what_sign_up_cannot_keep_is_refused_and_the_rest_stays_typed(client, db, field, text):
    changed = {field: text} | ({"password_again": text} if field == "password" else {})
    page = client.post(reverse("sign_up"), sign_up_data(**changed))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert SignUp.objects.count() == 0
    kept = "bearing" if field == "firm_name" else "大连演示轴承有限公司"
    assert kept in page.text


@pytest.mark.parametrize("text", ["退" * 10_000, "\x00", "\x01\u200b", ""], ids=["long", "NUL", "unseen", "blank"])
def test_a_reason_that_cannot_be_kept_changes_nothing(signed_in, text):
    row = make.demand(published=False, status="district_review")
    url = reverse("admin:demands_demand_give_back", args=[row.pk])
    page = signed_in(make.city_officer()).post(url, {"_form_submitted": "1", "reason": text}, follow=True)
    row.refresh_from_db()
    assert page.status_code == 200
    assert row.status == "district_review"


LISTS = [
    *("/achievements/", "/demands/", "/agencies/", "/rounds/", "/workbench/achievements/", "/workbench/demands/"),
    *("/api/v1/achievements/", "/api/v1/demands/", "/api/v1/agencies/", "/api/v1/rounds/"),
    *(f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry),
]


ODD_TEXTS = [" ".join([*STRANGE.values(), "%ED%A0%80"]), "长" * 1_000, "\x00", "9" * 30]
PARAMETERS = {
    "q",
    "page",
    "p",
    "o",
    "sort",
    "ordering",
    "status",
    "status__exact",
    "kind",
    "industry",
    "created_at__year",
}
ROWS_ONLY = mock.patch.object(SimpleTemplateResponse, "rendered_content", property(lambda page: rows_of(page)))
"""A list of the admin reads its rows and is not rendered, which takes most of the time; for one of the texts it is."""
REFUSALS = {302, 400, 404}
"""A wrong value may be left out (200) or refused; any other answer is a fault."""


def rows_of(page: SimpleTemplateResponse) -> str:
    return str([row.pk for row in page.context_data["cl"].result_list])


def unread_parameters(first_page, path: str) -> set[str]:
    """The parameters that a list of the admin refuses by their name: neither its own nor fields of its model."""
    changelist = (first_page.context or {}).get("cl")
    if not path.startswith("/admin/") or changelist is None:
        return set()
    known = {"q", "p", "o", *(field.name for field in changelist.opts.get_fields())}
    return {name for name in PARAMETERS if name.partition("__")[0] not in known}


def faults_of(client, path: str, names: list[str], text: str, refused: set[str]) -> list[str]:
    """The addresses whose answer is a fault, for one text as the value of all these parameters.

    One request asks for all of them. A list stops at the first value it refuses, so after a refusal each half is
    asked for alone, as after a fault, until every parameter was read or is named. Parameters that were refused on
    their own are added to `refused`.
    """
    address = f"{path}?" + "&".join(f"{name}={quote(text)}" for name in names)
    status = client.get(address).status_code
    if status == 200:
        return []
    if len(names) == 1:
        refused.update(names if status in REFUSALS else ())
        return [] if status in REFUSALS else [f"{status} {address[:200]}"]
    halves = names[: len(names) // 2], names[len(names) // 2 :]
    faults = [fault for half in halves for fault in faults_of(client, path, half, text, refused)]
    return faults or ([] if status in REFUSALS else [f"{status} {address[:200]}"])


def faults_of_list(clients, path: str, refused_before: set[tuple[str, str]]) -> list[str]:
    """`refused_before`: (parameter, text) that another list has refused. Beside others they would hide them, so each
    list asks for them alone, and for one text of each by turns; all texts of each are asked for by all lists together.
    """
    for client in clients:
        page = client.get(path)
        if page.status_code == 200:
            break
    else:
        return [f"{path} opens for nobody"]
    unread = unread_parameters(page, path)
    faults = []
    if unread:  # one by turns: they are refused before any list reads them, each of them by several lists
        faults += faults_of(client, path, [sorted(unread)[zlib.crc32(path.encode()) % len(unread)]], "\x00", set())
    for number, text in enumerate(ODD_TEXTS):
        alone = {name for name in PARAMETERS - unread if (name, text) in refused_before}
        for name in sorted(alone):
            if zlib.crc32(f"{path} {name}".encode()) % len(ODD_TEXTS) == number:
                faults += faults_of(client, path, [name], text, set())
        refused: set[str] = set()
        is_rendered = zlib.crc32(path.encode()) % len(ODD_TEXTS) == number
        with nullcontext() if is_rendered else ROWS_ONLY:
            faults += faults_of(client, path, sorted(PARAMETERS - unread - alone), text, refused)
        refused_before |= {(name, text) for name in refused}
    return faults


def test_any_search_and_any_filter_gets_an_answer(signed_in, monkeypatch):
    """A wrong filter may be refused or left out; it is never an error of ours."""
    monkeypatch.setattr("dalian_techtransfer.admin_site.navigation", lambda request: [])  # it has counts of its own
    clients = signed_in(make.city_officer()), signed_in(make.sysadmin())
    faults, refused_before = [], set()
    for path in LISTS:
        faults += faults_of_list(clients, path, refused_before)
    assert faults == []


def test_the_parameter_at_fault_is_named():
    """Also when a refused parameter stands before it, and when only two together are a fault."""

    class Client:
        def __init__(self, answer):
            self.answer = answer

        def get(self, address):
            names = {pair.partition("=")[0] for pair in address.partition("?")[2].split("&")}
            return mock.Mock(status_code=self.answer(names))

    names = ["q", "page", "sort", "kind"]
    refused_first = Client(lambda asked: 400 if "page" in asked else 500 if "kind" in asked else 200)
    assert faults_of(refused_first, "/", names, "x", set()) == ["500 /?kind=x"]
    together = Client(lambda asked: 500 if {"q", "kind"} <= asked else 200)
    assert faults_of(together, "/", names, "x", set()) == ["500 /?q=x&page=x&sort=x&kind=x"]
    assert faults_of(Client(lambda asked: 404), "/", names, "x", set()) == []
