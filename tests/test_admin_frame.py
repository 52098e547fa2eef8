"""The admin as a whole: menu, badges, Content-Security-Policy, actions, language."""

import itertools
import re
from pathlib import Path
from unittest import mock

import pytest
import unfold
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission
from django.db import connection
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext, ngettext
from lxml import html

from accounts.models import Region
from audit.staff_admin import StaffAdmin
from dalian_techtransfer.admin_site import GROUPS, WAITING, navigation
from tests import factories
from tests.members.services.test_sign_ups import application

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ITEMS = [item for items in GROUPS.values() for item in items]
PAGES = ("changelist", "add")


def titles(request) -> list[str]:
    return [str(item["title"]) for group in navigation(request) for item in group["items"]]


@pytest.fixture
def as_user(rf):
    def request_of(user, path="/admin/"):
        request = rf.get(path)
        request.user = user
        return request

    return request_of


NOT_READ = "//script | //style | //svg | //*[contains(@class, 'material-symbols-outlined')]"


def text_on(page: str) -> str:
    """The visible text, without scripts, styles and icon names."""
    document = html.document_fromstring(page)
    for element in document.xpath(NOT_READ):
        element.drop_tree()
    return " ".join(document.xpath("//text()"))


MENU = "unfold/helpers/app_list.html"


def elements_of(page: str) -> list[tuple]:
    """Each element with its attributes and the text before and after its content, whatever the order of classes."""

    def words(text: str | None) -> str:
        return " ".join((text or "").split())

    return [
        (
            element.tag,
            {name: sorted(value.split()) for name, value in element.items()},
            words(element.text),
            words(element.tail),
        )
        for element in html.fragment_fromstring(page, create_parent=True).iter()
    ]


class TestMenu:
    def test_own_template_draws_what_the_template_of_unfold_draws(self, client):
        """Fails when a new version of unfold draws the menu in another way."""
        theirs = Template((Path(unfold.__file__).parent / "templates" / MENU).read_text())
        application()
        client.force_login(factories.district_officer("jinpu"))
        shown = client.get(reverse("admin:demands_demand_changelist")).context["sidebar_navigation"]
        entries = [entry for group in shown for entry in group["items"]]
        assert any(entry.get("badge") for entry in entries) and any(entry["active"] for entry in entries)
        context = {"sidebar_navigation": shown}
        assert elements_of(render_to_string(MENU, context)) == elements_of(theirs.render(Context(context)))

    def test_every_menu_item_names_a_desk_and_a_permission(self):
        known = set(Permission.objects.values_list("content_type__app_label", "codename"))
        for item in ITEMS:
            assert item.page or admin.site.is_registered(apps.get_model(item.model))
            assert tuple(item.permission.split(".")) in known

    @pytest.mark.parametrize("item", [item for item in ITEMS if item.query], ids=lambda item: item.query)
    def test_every_filtered_menu_item_opens(self, client, item):
        client.force_login(factories.user(is_superuser=True, is_staff=True))
        response = client.get(item.link())
        assert response.status_code == 200
        assert response.context["cl"].get_filters_params()  # the changelist drops unknown filters and shows all rows

    def test_menu_shows_permitted_items(self, as_user):
        district, sysadmin = titles(as_user(factories.district_officer())), titles(as_user(factories.sysadmin()))
        assert {"待审匹配", "待初审需求", "注册申请"} <= set(district)
        assert not {"用户", "操作记录"} & set(district)
        assert {"用户", "单位", "操作记录"} <= set(sysadmin)
        assert not {"待审匹配", "待初审需求"} & set(sysadmin)
        assert titles(as_user(factories.firm_officer())) == ["首页", "消息", "对接跟进"]

    def test_djangos_list_of_apps_is_made_only_for_the_pages_that_show_it(self, client):
        client.force_login(factories.district_officer())
        with mock.patch.object(
            AdminSite, "_build_app_dict", autospec=True, side_effect=AdminSite._build_app_dict
        ) as made:
            for name in ("admin:index", "admin:demands_demand_changelist"):
                assert client.get(reverse(name)).status_code == 200
            assert not made.called
            page = client.get(reverse("admin:app_list", args=["demands"]))
            assert reverse("admin:demands_demand_changelist") in page.content.decode()
            assert made.called
            assert client.get(reverse("admin:app_list", args=["auth"])).status_code == 404  # nothing for this user

    def test_a_list_without_filters_is_counted_once(self, client):
        client.force_login(factories.city_officer())
        address, number = reverse("admin:accounts_region_changelist"), Region.objects.count()
        for query, counts in (("", 1), ("?is_reporting__exact=1", 2), ("?q=nothing-like-it", 2)):
            with CaptureQueriesContext(connection) as queries:
                listed = client.get(address + query).context["cl"]
            statements = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
            counted = [sql for sql in statements if 'FROM "accounts_region"' in sql]
            assert len(counted) == counts, query
            assert listed.full_result_count == number and listed.show_admin_actions
            assert listed.result_count == len(listed.result_list)
            assert listed.root_queryset.count() == number

    @pytest.mark.parametrize("item", WAITING, ids=lambda item: item.badge)
    def test_badges_are_positive_numbers_or_none(self, as_user, item):
        for who in (factories.district_officer, factories.city_officer, factories.auditor, factories.sysadmin):
            count = import_string(item.badge)(as_user(who()))
            assert count is None or (isinstance(count, int) and count > 0)

    def test_sign_up_badge_counts_for_users_who_decide(self, client, as_user):
        application()
        badge = import_string("members.admin.sign_up_badge")
        assert badge(as_user(factories.district_officer("jinpu"))) == 1
        assert badge(as_user(factories.district_officer("210202"))) is None
        assert badge(as_user(factories.auditor())) is None

    def test_only_the_open_list_of_a_model_is_active(self, as_user):
        def marked(path):
            groups = navigation(as_user(factories.city_officer(), path))
            return [str(item["title"]) for group in groups for item in group["items"] if item.get("active")]

        demands = reverse("admin:demands_demand_changelist")
        assert marked(demands) == ["需求"]
        assert marked(f"{demands}?status__exact=district_review&p=2") == ["待初审需求"]
        assert marked(reverse("admin:matching_match_changelist") + "?status__exact=proposed") == ["匹配"]


class TestFirstPage:
    def test_index_shows_open_work(self, client):
        application()
        client.force_login(factories.district_officer("jinpu"))
        page = client.get(reverse("admin:index")).content.decode()
        assert re.search(r"待审核的企业注册</span>\s*<span[^>]*>1</span>", page)
        assert reverse("open_work_list", args=["sign-ups"]) in page

    def test_index_without_open_work(self, client):
        client.force_login(factories.sysadmin())
        assert "现在没有等您处理的事项" in client.get(reverse("admin:index")).content.decode()

    def test_index_query_count_is_constant(self, client):
        client.force_login(factories.city_officer())
        client.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as none:
            client.get(reverse("admin:index"))
        application()
        with CaptureQueriesContext(connection) as other:
            client.get(reverse("admin:index"))
        assert len(none) == len(other)

    def test_demo_is_labelled(self, client, settings):
        client.force_login(factories.city_officer())
        settings.SITE = settings.SITE | {"is_demo": True}
        assert "演示数据" in client.get(reverse("admin:index")).content.decode()
        settings.SITE = settings.SITE | {"is_demo": False}
        assert "演示数据" not in client.get(reverse("admin:index")).content.decode()

    def test_index_loads_nothing_from_other_hosts(self, client):
        client.force_login(factories.city_officer())
        page = client.get(reverse("admin:index")).content.decode()
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)


class TestPolicies:
    def policy(self, client, url):
        return client.get(url)["Content-Security-Policy"]

    @pytest.mark.parametrize("name", ["home", "login", "sign_up"])
    def test_public_pages_have_a_strict_policy(self, client, name):
        policy = self.policy(client, reverse(name))
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy

    def test_admin_policy_allows_inline_scripts_but_no_other_host(self, client):
        client.force_login(factories.city_officer())
        policy = self.policy(client, reverse("admin:index"))
        assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
        assert "http" not in policy

    def test_login_page_has_a_strict_policy_after_an_admin_redirect(self, client):
        response = client.get(reverse("admin:index"), follow=True)
        assert "unsafe" not in response["Content-Security-Policy"]

    @pytest.mark.parametrize("name", ["home", "login", "sign_up"])
    def test_public_pages_contain_no_inline_script(self, client, name):
        page = client.get(reverse(name)).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", page)


class TestActions:
    def every_action(self):
        for model, model_admin in admin.site._registry.items():
            if isinstance(model_admin, StaffAdmin):
                for kind in ("list", "detail", "row", "submit_line"):
                    for action in getattr(model_admin, f"_get_base_actions_{kind}")():
                        yield model, kind, action

    def test_permissions_of_actions_exist(self):
        """Replaces unfold's check, which needs the database before `migrate` and is therefore disabled."""
        known = {
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
        }
        named = {
            permission
            for _model, _kind, action in self.every_action()
            for permission in getattr(action.method, "allowed_permissions", ())
            if "." in permission
        }
        assert named
        assert named <= known

    def test_every_action_has_permissions(self):
        bare = [
            action.action_name
            for _m, _k, action in self.every_action()
            if not hasattr(action.method, "allowed_permissions")
        ]
        assert bare == []

    def test_every_admin_inherits_from_staff_admin(self):
        assert {
            type(other).__name__ for other in admin.site._registry.values() if not isinstance(other, StaffAdmin)
        } == set()


class TestLanguage:
    TEXTS_OF_LIBRARIES = (
        "Apply Filters",
        "Cancel",
        "Choose file to upload",
        "Click to download",
        "Dark",
        "Filters",
        "General",
        "Log out",
        "Next",
        "No results found",
        "Previous",
        "Reset filters",
        "Run",
        "Save",
        "Save and add another",
        "Save and continue editing",
        "Search apps and models...",
        "Select action",
        "Select action to run",
        "Select record",
        "Select value",
        "Show counts",
        "Submit",
        "This page yielded into no results.",
        "Toggle sidebar",
        "Type to search",
        "View site",
        " By %(filter_title)s ",
    )

    def test_strings_of_libraries_are_translated(self):
        assert [text for text in self.TEXTS_OF_LIBRARIES if not re.search(r"[\u4e00-\u9fff]", gettext(text))] == []

    def test_own_catalogue_keeps_djangos_translations(self):
        assert ngettext("%(total_count)s selected", "All %(total_count)s selected", 3) != "All %(total_count)s selected"

    @pytest.mark.parametrize("address", ["password_change", "sign_up"])
    def test_polite_form_of_address(self, client, address):
        if address != "sign_up":
            client.force_login(factories.city_officer())
        page = text_on(client.get(reverse(address)).text)
        assert "密码至少 10 个字符" in page
        assert "你" not in page

    def test_admin_pages_contain_no_english_words(self, client):
        client.force_login(factories.user(is_superuser=True, is_staff=True, name="超级", username="超级"))
        known = {"Excel", "Control", "Command", *Region.objects.values_list("code", flat=True)}
        faults = {}
        for model, page in itertools.product(sorted({item.model for item in ITEMS if not item.page}), PAGES):
            response = client.get(reverse(f"admin:{model.replace('.', '_')}_{page}"), follow=True)
            if page == "add" and response.status_code == 403:
                continue  # these are not added in the admin
            words = set(re.findall(r"[A-Za-z]{4,}", text_on(response.text))) - known
            if words or response.status_code != 200:
                faults[model, page] = response.status_code, words
        assert faults == {}

    @pytest.mark.parametrize(
        "make",
        [factories.achievement, factories.demand, factories.broker, factories.match, factories.firm, application],
    )
    def test_admin_forms_contain_no_english_words(self, client, make):
        client.force_login(factories.city_officer(name="市级"))
        row = make()
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        text = text_on(client.get(reverse(name, args=[row.pk])).content.decode())
        known = {
            getattr(row, "credit_code", ""),
            getattr(row, "username", ""),
            "Excel",
            "Control",
            "Command",
            "example",
        }
        assert not {word for word in re.findall(r"[A-Za-z]{4,}", text) if not any(word in other for other in known)}
