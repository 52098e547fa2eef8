"""Attacks on the anonymity of the firms of the demo city. Mixed into the test case that loads it."""

import re
from collections import Counter
from datetime import timedelta

from django.contrib.admin.sites import site
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from deals.models import Deal
from matching.models import BrokerRequest, FollowUp
from matching.services.notifications import (
    notify_agreed,
    notify_closed,
    notify_responses_requested,
    remind_of_response,
)
from notices.models import Delivery, Notice
from notices.services.digests import make_digests
from rounds.models import DockingRound, Meeting, Party, Placement, Timetable
from rounds.planning.changes import changes_between, changes_by_party
from rounds.services.timetable_notifications import notify_meeting_dropped, notify_timetable_published
from tests import factories as make
from tests.attacks.crawl import Reader
from tests.attacks.identities import Identity, admitted, give_identities, read_identities
from tests.attacks.kept_figures import kept_figures
from tests.attacks.round_documents import (
    admitted_numbers,
    firms_not_excluded_by_time,
    numbers_joined_with_names,
    public_labels,
)
from tests.walk.visits import readable_documents

API = [f"/api/v1/{name}/" for name in ("achievements", "demands", "agencies", "rounds", "industries", "figures")]
PUBLIC = ["/", "/demands/", "/rounds/", "/sitemap.xml", "/robots.txt", "/api/v1/openapi.json", *API]
WORKBENCH = [f"/workbench/{name}" for name in ("", "follow-ups/", "matches/", "deals/", "figures/", "notices/")]
SESSIONS = "django.contrib.sessions.backends.signed_cookies"
REGISTRIES = {
    "host": r"/admin/rounds/dockinground/day/\w+/(?:check-in/|guests/)?$",
    "sysadmin": r"(?:POST )?/admin/accounts/",
}
"""Where staff know a firm under its own name, because nothing there says what it is anonymous for: the hosting district
receives guests, the system administrator keeps the registry of organisations."""


def _reader_of(mail: Delivery) -> User:
    """The user whom a mail is for. A mail to the address of a guest is read by an officer of the organisation."""
    if mail.recipient:
        return mail.recipient
    party = Party.objects.get(messages__deliveries=mail)
    role = Role.FIRM if party.side == Party.Side.FIRM else Role.INSTITUTION
    membership = party.organisation.memberships.filter(role=role).first()
    if membership:
        return membership.user
    return (make.firm_officer if role == Role.FIRM else make.institution_officer)(party.organisation)


class AnonymityAttacks:
    """`test_nobody…` reads everything as every role that is not admitted."""

    @override_settings(SESSION_ENGINE=SESSIONS)
    def test_nobody_who_is_not_admitted_reads_who_is_anonymous(self):
        identities = give_identities()
        self.assertGreater(len(identities), 30)
        readers = everybody(identities)
        leaks = {}
        for reader, known in readers:
            with readable_documents(), kept_figures():
                read(reader, identities)
            for address, text in reader.texts.items():
                for number, words in read_identities(text).items():
                    if number not in known and not re.match(REGISTRIES.get(reader.role, "$"), address):
                        leaks[f"{reader.role} {address}"] = words
        summary = Counter({reader.role: len(reader.texts) for reader, _known in readers})
        self.assertGreater(min(summary.values()), 2, summary)
        self.assertGreater(summary.total(), 400, summary)
        self.assertFalse(leaks, "\n" + "\n".join(f"{place}: {words}" for place, words in leaks.items()))
        self._those_admitted_read_it(identities)
        self._scripts_are_read(next(reader for reader, _known in readers if reader.role == "host"))

    @override_settings(NOTICE_MAIL_HOUR=0)
    def test_no_notice_or_mail_names_an_anonymous_firm(self):
        identities = give_identities()
        Notice.objects.all().delete()
        Delivery.objects.all().delete()
        _notify_everybody(identities)
        texts = [(row.recipient, row.text) for row in Notice.objects.select_related("recipient")]
        Notice.objects.update(made_at=timezone.now() - timedelta(days=1))
        make_digests()
        texts += [
            (_reader_of(row), f"{row.subject}\n{row.body}") for row in Delivery.objects.select_related("recipient")
        ]
        self.assertGreater(len(texts), 30)
        known: dict[int, set[int]] = {}
        for user, text in texts:
            for number, words in read_identities(text).items():
                if user.pk not in known:
                    known[user.pk] = admitted(user, identities)
                self.assertIn(number, known[user.pk], f"{user} ({user.scope.roles}) reads {words}")

    def test_place_and_time_join_no_number_with_a_name_in_the_rounds_of_the_demo(self):
        """Each institution puts its own documents beside cards and screens; firms have named meetings as well."""
        joined = []
        for docking_round in DockingRound.objects.filter(anonymous_numbers__isnull=False).distinct():
            docking_round.meetings.filter(status="held").update(status="wanted", begun_at=None, ended_at=None)
            public = public_labels(docking_round)
            for number in docking_round.anonymous_numbers.values_list("number", flat=True):
                if docking_round.timetables.published().exists():
                    self.assertGreaterEqual(len(firms_not_excluded_by_time(docking_round, number)), 5)
            for party in docking_round.parties.filter(side="office", meetings_as_institution__isnull=False).distinct():
                learned = numbers_joined_with_names(party, public)
                self.assertLessEqual(learned.keys(), admitted_numbers(party))
                joined += learned
        self.assertTrue(joined)  # those who are admitted do join

    def _those_admitted_read_it(self, identities: list[Identity]) -> None:
        """The crawl would see a name: the firm's own officer meets it."""
        identity = identities[0]
        own = Reader("own", identity.firm.memberships.get().user)
        for address in ("/workbench/", reverse("demand_detail", args=[identity.demand.public_id])):
            own.get(address)
        self.assertTrue(any(identity.number in read_identities(text) for text in own.texts.values()))

    def _scripts_are_read(self, host: Reader) -> None:
        """The crawl would see a name in the data of a script: the host meets those of the guests at the check-in."""
        guests = [text for address, text in host.texts.items() if address.endswith("/check-in/")]
        self.assertTrue(any(read_identities(text) for text in guests), list(host.texts))


def _notify_everybody(identities: list[Identity]) -> None:
    """The notices of follow-ups and meetings about anonymous demands, as the services send them."""
    follow_ups = list(
        FollowUp.objects.filter(match__demand__in=[identity.demand.pk for identity in identities])
        .select_related("match__demand__firm", "match__achievement", "owner")
        .prefetch_related("responses")
    )
    by = make.city_officer()
    notify_responses_requested(follow_ups)
    for follow_up in follow_ups:
        notify_closed(follow_up, by)
        notify_agreed(follow_up, by)
        for response in follow_up.responses.all():
            remind_of_response(response)
    for timetable in Timetable.objects.published():
        changes = changes_by_party(changes_between(None, timetable))
        notify_timetable_published(timetable, changes, is_first=True)
        for meeting in Meeting.objects.filter(docking_round=timetable.docking_round).exclude(anonymous_number=None)[:8]:
            notify_meeting_dropped(meeting)


def everybody(identities: list[Identity]) -> list[tuple[Reader, set[int]]]:
    """One reader of each role that is not admitted to most identities, and what each may read."""
    demands = [identity.demand.pk for identity in identities]
    asking = FollowUp.objects.filter(match__demand__in=demands, agreed_at=None)
    about = Meeting.objects.filter(match__demand__in=demands).exclude(match__follow_up__agreed_at__isnull=False)
    asked = Counter(asking.values_list("match__achievement__institution", flat=True)).most_common(1)[0][0]
    at_table = about.exclude(institution_party__organisation=asked).values_list("institution_party__organisation")
    users = {
        "public": None,
        "office": make.institution_officer(Organisation.objects.get(pk=asked)),
        "office at the table": make.institution_officer(
            Organisation.objects.get(pk=Counter(at_table).most_common(1)[0][0][0])
        ),
        "firm": _officer_of_a_named_firm(),
        "broker": _asked_broker(demands),
        "host": _host_officer(),
        "district": _district_officer(identities),
        "sysadmin": make.sysadmin(),
    }
    readers = [(Reader(role, user, per_route=1), admitted(user, identities)) for role, user in users.items()]
    for meeting in about.select_related("institution_party")[:3]:  # whoever holds the code of an invitation
        party = meeting.institution_party
        guest = make.user()
        Membership.objects.create(user=guest, organisation=party.organisation, role="institution_officer")
        reader = Reader(f"guest {party.code}")
        readers.append((reader, admitted(guest, identities)))
    return readers


def _officer_of_a_named_firm() -> User:
    """A firm with meetings, follow-ups and a deal of its own."""
    firms = Organisation.objects.firms().filter(demands__is_anonymous=False, demands__matches__follow_up__isnull=False)
    return make.firm_officer(firms.filter(parties__meetings_as_firm__isnull=False).first() or firms.first())


def _asked_broker(demands: list[int]) -> User:
    requests = BrokerRequest.objects.filter(broker__user__isnull=False).exclude(status="withdrawn")
    return (requests.filter(match__demand__in=demands).first() or requests.first()).broker.user


def _host_officer() -> User:
    """Of the district that hosts a round with other districts' anonymous firms."""
    hosted = DockingRound.objects.filter(host_kind="district").first()
    return make.district_officer(hosted.host.stat_region.code)


def _district_officer(identities: list[Identity]) -> User:
    """Of the district with the fewest anonymous firms."""
    regions = Counter(identity.firm.stat_region.code for identity in identities)
    return make.district_officer(regions.most_common()[-1][0])


def read(reader: Reader, identities: list[Identity]) -> None:
    if reader.role.startswith("guest "):
        code = reader.role.removeprefix("guest ")
        coded = {reverse(name, args=[code]) for name in CODED}
        linked = {link for address in sorted(coded) for link in reader.get(address) if code in link}
        for address in sorted(linked - coded):  # the rest of the links is what the public reads
            reader.get(address)
        return
    staff = reader.role in {"host", "district", "sysadmin"}
    if reader.role not in {"district", "office at the table"}:  # the host and the other office follow the same links
        reader.crawl(
            *(["/demands/", "/admin/"] if staff else PUBLIC), *(WORKBENCH if reader.user and not staff else [])
        )
    if reader.role == "public":
        for identity in identities:
            reader.get(reverse("demand_detail", args=[identity.demand.public_id]))
            reader.get(f"/api/v1/demands/{identity.demand.public_id}/")
    if reader.role.startswith("office"):
        _read_own_rows(reader)
    if staff:
        _read_desks(reader)
    _search(reader, identities)


CODED = ("rsvp", "party_plan", "party_calendar", "party_day", "party_meeting_requests")


def _read_own_rows(reader: Reader) -> None:
    """All follow-ups, deals and plans of an institution, not only a few of them."""
    for follow_up in FollowUp.objects.visible_to(reader.user).filter(match__demand__is_anonymous=True):
        reader.get(reverse("follow_up", args=[follow_up.public_id]))
    for deal in Deal.objects.visible_to(reader.user).filter(follow_up__match__demand__is_anonymous=True):
        reader.get(reverse("deal", args=[deal.public_id]))
    if reader.role == "office at the table":
        reader.get("/workbench/")
    for party in Party.objects.visible_to(reader.user).filter(meetings_as_institution__isnull=False).distinct():
        for name in ("my_plan", "my_day", "my_meeting_requests", "my_invitation"):
            reader.get(reverse(name, args=[party.public_id]))
        reader.get(reverse("party_calendar", args=[party.code]))
    for key in ("meetings", "intents", "signed", "intent_money", "signed_money", "paid", "turnover"):
        reader.get(reverse("figure_rows", args=[key]))
        reader.get(reverse("figure_export", args=[key]))


def _read_desks(reader: Reader) -> None:
    """The lists of the admin with their exports, and the day pages of every round."""
    for model, desk in site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if reader.role == "sysadmin" and model._meta.app_label == "accounts":
            continue  # the registry of organisations and users; no matter stands in it
        if not reader.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            continue
        address = reverse(f"admin:{label}_changelist")
        reader.get(address)
        if any(name.startswith("export") for name in _action_names(desk)):
            rows = desk.get_queryset(_request_of(reader.user))[:1]
            for row in rows:
                chosen = {"action": "export", "select_across": "1", "index": "0", "_selected_action": [row.pk]}
                reader.post(address, chosen)
    hidden = Meeting.objects.hosted_by(reader.user).exclude(anonymous_number=None)
    for docking_round in DockingRound.objects.visible_to(reader.user).filter(meetings__in=hidden).distinct():
        for name in ("rounds_day_day", "rounds_day_tables", "rounds_day_guests", "rounds_day_check_in"):
            reader.get(reverse(f"admin:{name}", args=[docking_round.public_id]))
        for name in ("rounds_timetable", "rounds_timetable_board", "rounds_timetable_requests", "rounds_papers"):
            reader.get(reverse(f"admin:{name}", args=[docking_round.pk]))
    foreign = hidden.exclude(firm_party__organisation__stat_region__in=reader.user.scope.region_ids)
    for place in Placement.objects.current().filter(meeting__in=foreign)[:6]:
        reader.get(reverse("admin:rounds_day_table", args=[f"{place.hall_id}-{place.table}"]))


def _action_names(desk) -> list[str]:
    return [name if isinstance(name, str) else name.__name__ for name in desk.actions or ()]


def _request_of(user: User):
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def _search(reader: Reader, identities: list[Identity]) -> None:
    """A search by an identity finds nothing: neither the words nor the demand."""
    is_staff = reader.user is not None and reader.user.is_staff
    identity = next(identity for identity in identities if identity.number not in admitted(reader.user, [identity]))
    for path in DESK_SEARCHES if is_staff else SEARCHES:
        if re.match(REGISTRIES.get(reader.role, "$"), path):
            continue
        for word in identity.words if reader.role in {"public", "host"} else identity.words[:2]:
            reader.get(path + word)
            text = reader.texts.pop(path + word, "")
            assert identity.demand.public_id not in text, f"{reader.role} finds {identity.demand} by {word} at {path}"
            assert not read_identities(text.replace(word, "")), f"{reader.role} reads a firm at {path}{word}"


SEARCHES = (
    "/demands/?q=",
    "/search/?q=",
    "/search/suggestions/?q=",
    "/achievements/?q=",
    "/agencies/?q=",
    "/api/v1/demands/?q=",
    "/api/v1/achievements/?q=",
)
DESK_SEARCHES = (
    "/admin/demands/demand/?all=&q=",
    "/admin/matching/match/?all=&q=",
    "/admin/accounts/organisation/?q=",
    "/admin/autocomplete/?app_label=demands&model_name=demand&field_name=firm&term=",
)
