"""Every address, as every role, with rows of one's own and of others: what `walk.expected` says, and nothing leaks."""

import inspect
import itertools
import logging
import zlib
from contextlib import suppress

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import ContactShare
from audit.models import AuditRecord
from matching.services.broker_requests import ask_broker
from tests import factories as make
from tests.walk import expected
from tests.walk.routes import address, routes
from tests.walk.spoken import unspoken
from tests.walk.visits import Visitor
from tests.walk.world import ROLES, World

pytestmark = [pytest.mark.django_db, pytest.mark.long]  # long together
OUTSIDERS = tuple(role for role in ROLES if role not in expected.STAFF)
"""The roles that no address of the admin lets in: each leads them to the login page."""
SETTLED_BY_DISPATCH = ("login", "405")
INTERCHANGEABLE = ("figure", "city figure", "import kind", "guest figure")
"""Values of one view. The district asks for each of them, every other role for one of them."""
SEE_ALL = ("city", "auditor")
"""Roles whose scope is everything (core.scope): rows of either side are the same to them."""
REFUSED = {"login", "index", "403", "404", "405"}
DESKS = {f"admin/{model._meta.app_label}/{model._meta.model_name}/": model for model in admin.site._registry}
ANSWERS = {"_form_submitted": "1", "reason": "other", "note": "说明", "until": "2099-01-01", "checks": "已核对营业执照"}


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world is built once: each visit leaves it as it was."""
    media = tmp_path_factory.mktemp("media")
    logging.disable(logging.ERROR)  # each refusal would be logged with its traceback
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            with override_settings(MEDIA_ROOT=media):
                world = World()
            visitor = Visitor(world, media)
            with visitor.lean_responses():
                yield visitor
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _settings_of_the_walk(_media_elsewhere, walk):
    """Once for each test: each visit would tell all that listen to changed settings twice."""
    walk.begin_test()
    with override_settings(**walk.settings):
        yield


def problems(walk, role, method, path, wanted, *, data=None, before=None, may_write=None, ignore_leaks=False):
    """What is wrong with one visit, as sentences. What is refused writes nothing, nor does looking at something."""
    visit = walk.visit_of_any(role, method, path, data, before)
    faults = []
    if visit.outcome != wanted.rstrip("!"):
        faults.append(f"got {visit.outcome}, not {wanted}")
    if wanted.endswith("!") and not visit.wrote:
        faults.append("did nothing")
    may_write = method == "POST" and visit.outcome not in REFUSED if may_write is None else may_write
    if visit.wrote and not may_write:
        faults.append(f"wrote {sorted(visit.wrote)}")
    is_page = visit.outcome in {"200", "422"} and visit.text.lstrip().startswith("<")  # and no script or sheet
    if role == "anonymous" and is_page and path != reverse("api_docs"):  # a library's page
        faults += unspoken(visit.text)
    if not ignore_leaks and (leaked := walk.leaks(role, path, visit.text)):
        faults.append(f"shows {leaked}")
    return [f"{role}: {method} {path} {sentence}" for sentence in faults]


def by_turns(key: str, choices):
    """One of them, another for another key, the same one each time for the same key."""
    return choices[zlib.crc32(key.encode()) % len(choices)]


def staff_and_an_outsider(key: str) -> tuple[str, ...]:
    """All roles of the staff and one of the outsiders, by turns."""
    return (*expected.STAFF, by_turns(key, OUTSIDERS))


def desk_of(route: str):
    """(model, rest of the route) where a route belongs to a ModelAdmin."""
    return next(((model, route.removeprefix(desk)) for desk, model in DESKS.items() if route.startswith(desk)), None)


def parts_of_the_site() -> dict[str, list[str]]:
    """{beginning of an address: its routes}; a test for each route would take longer to begin than to run."""
    parts: dict[str, list[str]] = {}
    for route in routes():
        if not route.startswith(expected.NEEDS_NO_ROW) or route == "admin/login/":
            names = list(itertools.takewhile(lambda name: name.isidentifier() or "-" in name, route.split("/")))
            depth = {"admin": 3, "workbench": 2}.get(route.partition("/")[0], 1)
            parts.setdefault("/".join(names[:depth]) or "home", []).append(route)
    return parts


PARTS = parts_of_the_site()


@pytest.mark.parametrize("part", PARTS)
def test_each_address(walk, part):
    faults = []
    for route in PARTS[part]:
        try:
            faults += walk_route(walk, route)
        except Exception as error:
            error.add_note(f"at /{route}")
            raise
        walk.forget()
    assert not faults, "\n".join(faults)


def walk_route(walk, route: str) -> list[str]:
    if route in expected.PAGES:
        return walk_page(walk, route)
    if desk := desk_of(route):
        return walk_desk(walk, route, *desk)
    return [f"/{route} is a new route without a row in tests/walk/expected.py"]


def walk_page(walk, route):
    faults = []
    page = dict(expected.PAGES[route])
    about, data = page.pop("about", None), page.pop("data", None)
    for role, method, kind, wanted in questions(route, page):
        asked = paths(walk, route, about, kind, role)
        if wanted in SETTLED_BY_DISPATCH:
            asked = asked[:1]
        elif not kind and (is_one_class(role, {wanted}) or (about in INTERCHANGEABLE and role != "district")):
            asked = [by_turns(f"{route} {method} {role}", asked)]
        for path in asked:
            is_file = path.endswith(("/download/", "/export/", "/paper/"))
            download = is_file and wanted.startswith("200")  # who took what
            sent = data(walk.world, kind) if data and method == "POST" else None
            faults += problems(walk, role, method, path, wanted, data=sent, may_write=download or None)
    return faults


def questions(route: str, page: dict[str, str]):
    """(role, method, kind of row, outcome) of a row of PAGES. Kinds that are one class for a role: one, by turns."""
    asked: dict[tuple[str, str], dict[str, str]] = {}
    for method_and_kind, words in page.items():
        method, _space, kind = method_and_kind.partition(" ")
        for role, wanted in asked_of(f"{route} {method_and_kind}", expected.row(words)).items():
            asked.setdefault((role, method), {})[kind] = wanted
    for (role, method), outcomes in asked.items():
        kinds = list(outcomes)
        if is_one_class(role, set(outcomes.values())):
            kinds = [by_turns(f"{route} {method} {role}", kinds)]
        yield from ((role, method, kind, outcomes[kind]) for kind in kinds)


def is_one_class(role: str, outcomes: set[str]) -> bool:
    """Whose row it is makes no difference to those who see all, where they get the same, and to those whom the
    address refuses for each row.
    """
    return len(outcomes) == 1 and (role in SEE_ALL or outcomes <= REFUSED)


def asked_of(key: str, outcomes: dict[str, str]) -> dict[str, str]:
    """The roles that ask. Of those that the dispatch treats alike, before the view looks at a row or at rights, one
    asks by turns: whom the admin leads to its login page, and whose method the view does not answer.
    """
    asked = {role: wanted for role, wanted in outcomes.items() if wanted not in SETTLED_BY_DISPATCH}
    for same in SETTLED_BY_DISPATCH:
        if roles := [role for role, wanted in outcomes.items() if wanted == same]:
            asked[by_turns(key, roles)] = same
    return asked


def paths(walk, route, about, kind, role) -> list[str]:
    if not about:
        return [address(route)]
    rows = walk.world.rows(about, role)
    chosen = [rows[kind]] if kind else rows.values()
    return [
        address(route, _public_name(row) if "public_id" in route or not route.startswith("admin/") else row.pk)
        for row in chosen
    ]


def _public_name(row) -> str:
    return next(getattr(row, name) for name in ("public_id", "slug", "code") if hasattr(row, name))


def walk_desk(walk, route, model, rest):
    label = model._meta.label_lower
    if label not in expected.DESKS:
        return [f"{label} is a new model in the admin without a row in tests/walk/expected.py"]
    action = rest.removeprefix("<path:object_id>/").rstrip("/")
    known = {"", "add", "history", "delete", "change"} | expected.actions(label).keys()
    if action not in known:
        return [f"/{route} is a new action without a row in tests/walk/expected.py"]
    faults = []
    for role in desk_roles(route, action, label):
        for kind in desk_kinds(route, label, action, role):
            row = walk.world.rows(model._meta.model_name, role)[kind]
            for method in desk_methods(route, label, action, role):
                faults += one_desk(walk, route, label, action, role, kind, row, method)
    return faults


def desk_methods(route: str, label: str, action: str, role: str) -> tuple[str, ...]:
    """Who may not open a page or do an action at all is refused before the method matters. What is posted to a list
    without an action is the list again; with one, see test_actions_on_a_selection.
    """
    if action in {"", "history"} and "<" in route:
        return ("GET",)
    if not action:
        return ("GET", "POST") if role == by_turns(route, expected.STAFF) else ("GET",)
    may = expected.rights(label, role)
    opens = {"add": "a" in may, "change": "v" in may, "delete": True}
    if action in opens:
        is_refused = not opens[action]
    else:
        is_refused = role not in expected.actions(label)[action][0] and role != "auditor"
    return (by_turns(f"{route} {role}", ("GET", "POST")),) if is_refused else ("GET", "POST")


def desk_roles(route: str, action: str, label: str) -> tuple[str, ...]:
    """The bare address of a row leads everybody of the staff on to "change". Who may delete is also asked of each
    ModelAdmin, see test_nobody_deletes_in_the_admin. Of those who see all and may read a desk, one reads the history:
    it shows less of a row than "change", which they all open.
    """
    if "<" in route and action in {"", "delete"}:
        return ("city", by_turns(route, OUTSIDERS))
    roles = staff_and_an_outsider(route)
    readers = [role for role in SEE_ALL if "v" in expected.rights(label, role)] if action == "history" else []
    return tuple(role for role in roles if role not in readers or role == by_turns(route, readers))


def desk_kinds(route: str, label: str, action: str, role: str) -> list[str]:
    """Whose rows are asked for. Both where the right depends on the row, and by the district, which may not read all
    that it sees; else one of them by turns."""
    may = expected.rights(label, role)
    if "<" not in route or role not in expected.STAFF:
        return ["own"]
    takes_action = role in expected.actions(label).get(action, ((), {}))[0] and role not in SEE_ALL
    if takes_action or (action in {"", "change", "history"} and ("*" in may or (may and role == "district"))):
        return ["own", "foreign"]
    return [by_turns(f"{route} {role}", ["own", "foreign"])]


def one_desk(walk, route, label, action, role, kind, row, method):
    path = address(route, row.pk) if "<" in route else address(route)
    may = expected.rights(label, role)
    hidden = kind == "foreign" and "*" in may
    if role not in expected.STAFF:
        return problems(walk, role, method, path, "login")
    if action in expected.actions(label):
        return request_action(walk, label, action, role, row, method, path, hidden)
    if "<" in route and not action:
        wanted = "away"
    elif action == "delete":
        wanted = "403"
    elif action == "add":
        wanted = "200" if "a" in may else "403"
    elif action == "change" and method == "POST":
        wanted = "403" if "c" not in may else "index" if hidden else "200"
    elif "v" not in may:
        wanted = "403"
    else:
        wanted = "200" if not hidden else {"history": "404", "change": "index"}[action]
    return problems(walk, role, method, path, wanted)


def staff_request(walk, role: str):
    request = RequestFactory().get("/admin/")
    request.user = walk.world.users[role]
    return request


def test_nobody_deletes_in_the_admin(walk):
    """Neither a row of one's own, nor of others, nor a selection."""
    faults = []
    for role, model in itertools.product(expected.STAFF, DESKS.values()):
        desk, request = admin.site._registry[model], staff_request(walk, role)
        rows = [None, *walk.world.rows(model._meta.model_name, role).values()]
        faults += [f"{role} may delete {row!r}" for row in rows if desk.has_delete_permission(request, row)]
        if "delete_selected" in desk.get_actions(request):
            faults.append(f"{role} may delete a selection of {model._meta.label_lower}")
    assert not faults, "\n".join(faults)


def test_every_outsider_gets_the_login_page_of_every_desk(walk):
    """Each other address of the admin, and what is posted to it, is asked for by one of the outsiders."""
    faults = []
    for desk, role in itertools.product(DESKS, OUTSIDERS):
        faults += problems(walk, role, "GET", address(desk), "login")
    assert not faults, "\n".join(faults)


def request_action(walk, label, action, role, row, method, path, hidden):
    who, state = expected.actions(label)[action]
    looks = action == "reveal" and label == "accounts.contact" and role == "auditor"  # sees the button, not the contact
    if role not in who:
        wanted = "200" if looks and method == "GET" else "403"
    elif method == "GET":
        wanted = "200"  # the question whether to do it, the same for any row
    else:
        wanted = "404" if hidden else "200" if action == "reveal" else "away"
    data = ANSWERS | {"broker": walk.world.own.broker.pk} if method == "POST" else None
    done = method == "POST" and wanted in {"200", "away"}
    return problems(
        walk,
        role,
        method,
        path,
        wanted,
        data=data,
        before=lambda: walk.world.prepare(row, state),
        may_write=done,
        ignore_leaks=done and action == "reveal",
    )


@pytest.mark.parametrize("model", DESKS.values(), ids=lambda model: model._meta.label_lower)
def test_actions_on_a_selection(walk, model):
    """Done with rows of one's own, and nothing happens to others, whoever sends their ids."""
    label = model._meta.label_lower
    path = reverse(f"admin:{label.replace('.', '_')}_changelist")
    declared = [name if isinstance(name, str) else name.__name__ for name in admin.site._registry[model].actions]
    new = set(declared) - expected.actions(label).keys()
    assert not new, f"{new} of {label} without a row in tests/walk/expected.py"
    faults = []
    for action in [*declared, "delete_selected"]:
        who, state = expected.actions(label).get(action, ((), {}))
        is_offered_to_nobody = action == "delete_selected"  # see test_nobody_deletes_in_the_admin
        for role in [by_turns(label, expected.STAFF)] if is_offered_to_nobody else expected.STAFF:
            may = expected.rights(label, role)
            kinds = ("own", "foreign")
            if is_offered_to_nobody:
                kinds = ("own",)
            elif role not in who or role in SEE_ALL:
                kinds = (by_turns(f"{label} {action} {role}", kinds),)
            for kind in kinds:
                row = walk.world.rows(model._meta.model_name, role)[kind]
                faults += one_selection(walk, role, path, action, row, state, role in who, may, kind)
    assert not faults, "\n".join(faults)


def one_selection(walk, role, path, action, row, state, allowed, may, kind):
    data = ANSWERS | {"action": action, "_selected_action": [row.pk], "index": "0"}
    before = lambda: walk.world.prepare(row, state)  # noqa: E731
    hidden = kind == "foreign" and "*" in may
    visit = walk.visit_of_any(role, "POST", path, data, before)
    where = f"{role}: {action} on {kind} {path}"
    faults = [f"{where} shows {leaked}"] if (leaked := walk.leaks(role, path, visit.text)) else []
    if not may and visit.outcome != "403":
        faults.append(f"{where} got {visit.outcome}, not 403")
    should_write = allowed and not hidden
    if should_write and not visit.wrote:
        faults.append(f"{where} did nothing")
    if not should_write and visit.wrote and not (action == "export" and allowed):
        faults.append(f"{where} wrote {sorted(visit.wrote)}")
    return faults


FIELDS = [
    (model, field)
    for model in DESKS.values()
    for field in getattr(admin.site._registry[model], "autocomplete_fields", ())
]


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_autocomplete(walk, model, field):
    """Offers only rows the asking may see, to those who may see any."""
    options = model._meta
    query = {"app_label": options.app_label, "model_name": options.model_name, "field_name": field, "term": ""}
    related = options.get_field(field).related_model._meta.label_lower
    faults = []
    for role in staff_and_an_outsider(f"{options.label_lower} {field}"):
        wanted = "login" if role not in expected.STAFF else "200" if expected.rights(related, role) else "403"
        faults += problems(walk, role, "GET", reverse("admin:autocomplete"), wanted, data=query)
    assert not faults, "\n".join(faults)


def test_the_pages_of_an_app(walk):
    faults = []
    for label, role in itertools.product(sorted({model._meta.app_label for model in DESKS.values()}), ROLES):
        models = [model for model in expected.DESKS if model.startswith(f"{label}.")]
        sees_any = any(expected.rights(model, role) for model in models)
        wanted = "login" if role not in expected.STAFF else "200" if sees_any else "404"
        faults += problems(walk, role, "GET", f"/admin/{label}/", wanted)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/", "/admin/nowhere/", "/admin/login/"])
def test_no_address_at_all(walk, monkeypatch, path):
    """And nothing leaks from the pages of a refusal themselves."""
    monkeypatch.setattr(walk, "renders_refusals", True)
    faults = []
    for role in ROLES:
        if path == "/admin/login/":
            faults += problems(walk, role, "GET", path, "login" if role == "anonymous" else "403")
            continue
        wanted = "login" if path.startswith("/admin/") and role not in expected.STAFF else "404"
        faults += problems(walk, role, "GET", path, wanted)
    assert not faults, "\n".join(faults)


def test_no_row_leads_to_another_site(walk):
    faults = []
    for role in ROLES:
        for row in walk.world.rows("demand", role).values():
            path = f"/admin/r/{ContentType.objects.get_for_model(row).pk}/{row.pk}/"
            faults += problems(walk, role, "GET", path, "404" if role in expected.STAFF else "login")
    assert not faults, "\n".join(faults)


def test_a_visit_leaves_the_world_as_it_was(walk):
    """What the page writes, and what was prepared for it."""
    records, row = AuditRecord.objects.count(), walk.world.own.waiting_demand

    def prepare():
        type(row).objects.filter(pk=row.pk).update(title="改过的标题")

    visit = walk.visit("city", "GET", reverse("figure_export", args=["turnover"]))
    assert "audit_auditrecord" in visit.wrote
    assert AuditRecord.objects.count() == records
    walk.visit("nobody", "GET", reverse("demand_list"), before=prepare)
    assert type(row).objects.get(pk=row.pk).title == row.title


def test_the_planted_words_can_be_seen_by_those_who_may(walk):
    """Otherwise finding none elsewhere would prove nothing."""
    world, text = walk.world, ""
    desks = [
        "sourcefile",
        "draft demand",
        "draft achievement",
        "demand",
        "achievement",
        "match",
        "brokerrequest",
        "auditrecord",
        "delivery",
        "deal",
        "listed",
        "agendaitem",
        "party",
        *("demandrevision", "achievementrevision"),
        *("measure", "minutes", "fund", "baserequest", "venture"),
        *("objection", "relatedparties", "expert"),
        *("ownership", "registereddetails"),
    ]
    for kind in ("own", "foreign"):
        for model in desks:
            row = world.rows(model, "city")[kind]
            text += walk.visit(
                "city", "GET", reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
            ).text
        refused = getattr(world, kind).refused_follow_up
        text += walk.visit("city", "GET", reverse("follow_up", args=[refused.public_id])).text
        text += walk.visit(
            "city", "GET", reverse("admin:matching_triage_triage") + f"?match={getattr(world, kind).asked.public_id}"
        ).text
        text += walk.visit("city", "GET", reverse("admin:matching_effects")).text
        guests = reverse("admin:rounds_day_guests", args=[getattr(world, kind).day_round.public_id])
        text += walk.visit("city", "GET", guests).text
        sheet = world.rows("sourcefile", "city")[kind]
        text += walk.visit("city", "GET", reverse("import_marked", args=[sheet.public_id])).text
        side = getattr(world, kind)
        for demand in (side.teaser_demand, side.demand):
            text += walk.visit("city", "GET", reverse("demand_detail", args=[demand.public_id])).text
        text += walk.visit("city", "GET", reverse("follow_up", args=[side.agreed.public_id])).text
        text += walk.visit("city", "GET", reverse("confirmation", args=[side.confirmation.public_id])).text
        for approach in (side.approach, side.late_approach, side.answer, side.free_answer):
            text += walk.visit("city", "GET", reverse("approach", args=[approach.public_id])).text
        text += walk.visit("city", "GET", reverse("integrity_case", args=[side.case.public_id])).text
        text += walk.visit("city", "GET", reverse("figure_version", args=[side.figureversion.public_id])).text
        text += walk.visit("city", "GET", reverse("payment_letter", args=[side.letter.public_id])).text
        text += walk.visit("city", "GET", reverse("annual_report", args=[side.handed_in.public_id])).text
        text += walk.visit("city", "GET", reverse("annual_report_file", args=[side.report_file.public_id])).text
        text += walk.visit("city", "GET", reverse("deal", args=[side.price_publicity.deal.public_id])).text
        asked = reverse("evaluation_request", args=[side.evaluation_request.public_id])
        text += walk.visit("city", "GET", asked).text
        delegated = reverse("admin:achievements_achievement_change", args=[side.delegated.pk])
        text += walk.visit("city", "GET", delegated).text
        answered = side.answered_explanation.public_id
        text += walk.visit("city", "GET", reverse("integrity_explanation", args=[answered])).text
        text += walk.visit("city", "GET", reverse("integrity_explanation_file", args=[answered])).text
        deal_file = world.rows("deal_file", "city")[kind]
        text += walk.visit("city", "GET", reverse("deal_file", args=[deal_file.public_id])).text
        attachment = world.rows("attachment", "city")[kind]
        text += walk.visit("city", "GET", reverse("attachment_download", args=[attachment.public_id])).text
        evidence = world.rows("evidence", "city")[kind]
        paper = getattr(world, kind).paper
        text += walk.visit("city", "GET", reverse("admin:rounds_paper_download", args=[paper.public_id])).text
        request = getattr(world, kind).data_request
        text += walk.visit("city", "GET", reverse("data_request", args=[request.public_id])).text
        document = getattr(world, kind).private_document
        text += walk.visit("city", "GET", reverse("round_document", args=[document.public_id])).text
        text += walk.visit("city", "GET", reverse("admin:mechanism_evidence", args=[evidence.public_id])).text
        text += walk.visit("city", "GET", reverse("obstacle", args=[side.obstacle.public_id])).text
        text += walk.visit("city", "GET", reverse("trial_result", args=[side.trial_request.public_id])).text
        text += walk.visit("city", "GET", reverse("trial_file", args=[side.trial_file.public_id])).text
        text += walk.visit("city", "GET", reverse("achievement_detail", args=[side.offered.public_id])).text
        measure, piece = side.bureau_measure.public_id, side.bureau_evidence.public_id
        text += walk.visit("city", "GET", reverse("admin:mechanism_measure_page", args=[measure])).text
        text += walk.visit("city", "GET", reverse("admin:mechanism_evidence", args=[piece])).text
        text += walk.visit("city", "GET", reverse("subsidy_file", args=[side.subsidy_file.public_id])).text
        grant = side.subsidy_grant.public_id
        text += walk.visit("city", "GET", reverse("admin:mechanism_subsidy_page", args=[grant])).text
        text += walk.visit("city", "GET", reverse("fund_project", args=[side.fundproject.public_id])).text
        for mandate in (side.current_mandate, side.mandate):
            text += walk.visit("city", "GET", reverse("mandate", args=[mandate.public_id])).text
        for request in filter(None, (side.help_request, getattr(side, "any_help_request", None))):
            text += walk.visit("city", "GET", reverse("help_request", args=[request.public_id])).text
        text += walk.visit("city", "GET", reverse("commission", args=[side.commission.public_id])).text
        revised = reverse("admin:brokerage_profilerevision_change", args=[side.profile_revision.pk])
        text += walk.visit("city", "GET", revised).text
        for challenge in (side.challenge_draft, side.challenge, side.opened_challenge):
            text += walk.visit("city", "GET", reverse("admin:challenges_page", args=[challenge.public_id])).text
        text += walk.visit("city", "GET", reverse("bid_read", args=[side.opened_bid.public_id])).text
        text += walk.visit("city", "GET", reverse("admin:rounds_call", args=[side.guest_message.public_id])).text
        for contact in (world.rows("contact", "city")[kind], world.rows("signup", "city")[kind]):
            path = reverse(f"admin:{contact._meta.label_lower.replace('.', '_')}_reveal", args=[contact.pk])
            text += walk.visit("city", "POST", path, ANSWERS).text
    unseen = [secret.words for secret in world.secrets if "city" in secret.known_to and secret.words not in text]
    assert unseen == []
    assert all(getattr(world.own.contact, name) in text for name in ("name", "phone", "email"))
    assert all(getattr(world.foreign.sign_up, name) in text for name in ("name", "phone", "email"))


SHOWN_TO_ALL = {
    *((model, "visible_to") for model in ("Achievement", "Demand", "Agency", "Broker", "Base", "Policy", "Honour")),
    *((model, "visible_to") for model in ("DockingRound", "RoundDocument", "AgendaItem", "RegistrationRule")),
    *((model, "visible_to") for model in ("Challenge", "Profile")),
    ("SubsidyCall", "visible_to"),  # a published call stands on the public page of its policy
    ("AgendaItem", "for_calendars"),
    ("Demand", "detailed_for"),
    ("Demand", "unmasked_for"),
}
"""(model, method) whose answer is the public's too."""


def test_nobody_sees_what_belongs_to_nobody(walk):
    """A row without a user (a contact shared with an organisation, a deal from outside) is no visitor's for that."""
    contact = make.contact(make.firm())
    ContactShare.objects.create(contact=contact, organisation=make.institution(), about="无个人的授权")
    make.contract(deal=make.deal())
    accepted = make.match(status="accepted", reviewed_by=make.city_officer(), reviewed_at=timezone.now())
    ask_broker(accepted, broker=make.broker(), by=make.city_officer())
    shown = set()
    for model in apps.get_models():
        rows = model._default_manager.all()
        for name, asked in inspect.getmembers(type(rows), inspect.isfunction):
            if list(inspect.signature(asked).parameters) == ["self", "user"]:
                with suppress(TypeError):  # asked for those who have signed in only
                    if getattr(rows, name)(AnonymousUser()).exists():
                        shown.add((model.__name__, name))
    assert shown == SHOWN_TO_ALL
