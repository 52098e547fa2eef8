"""Small, valid rows for tests. Each function creates one row and the rows that it needs."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import count

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Model
from django.utils import timezone

from accounts.models import Contact, Membership, Organisation, Region, Role, User
from accounts.services.members import KIND_OF_ROLE, add_member, has_active_members
from achievements.models import Achievement
from audit.services import record
from brokers.models import Agency, Broker
from core.roles import GROUP_NAMES, STAFF_ROLES
from deals.confirmation_subjects import subject_of
from deals.models import Confirmation, Contract, Deal, DealFile, DealStep, Landing, Payment
from demands.models import Demand
from enquiries.models import Approach
from enquiries.services.sending import send_enquiry
from mandates.models import Mandate
from matching.engine.ranker import FEATURE_NAMES
from matching.models import FollowUp, Learned, Match, MatchRun, SideResponse, SideStatement
from matching.models.learning import checksum
from matching.services.meeting_results import MeetingResult, follow_up_after_meeting
from matching.services.statements import Word
from rounds.models import (
    AgendaItem,
    Attendee,
    DockingRound,
    Hall,
    Meeting,
    Party,
    Placement,
    RoundReport,
    Slot,
    Timetable,
)
from rounds.report.counting import count_figures
from rounds.report.text import section_texts
from taxonomy.models import Industry

_numbers = count(1)
_seeded_regions: dict[str, tuple] = {}


def keep_seeded_regions() -> None:
    """For `region`, before the first test of the process: what the migrations fill, and no test changes for others."""
    names = [field.attname for field in Region._meta.concrete_fields]
    _seeded_regions.update((row[names.index("code")], row) for row in Region.objects.values_list(*names))


def region(code: str = "jinpu") -> Region:
    """As the migrations fill it; a test that changes the row of a region reads it anew."""
    row = _seeded_regions.get(code)
    if row is None:
        return Region.objects.get(code=code)
    return Region.from_db(DEFAULT_DB_ALIAS, [field.attname for field in Region._meta.concrete_fields], row)


def organisation(kind: str, name: str | None = None, **fields) -> Organisation:
    known = Organisation.objects.filter(name=name).first() if name else None
    return known or _new_organisation(kind, name or f"{Organisation.Kind(kind).label}{next(_numbers)}", **fields)


def _new_organisation(kind: str, name: str, **fields) -> Organisation:
    return Organisation.objects.create(**{"name": name, "kind": kind} | fields)


def institution(name: str = "大连理工大学") -> Organisation:
    return organisation("institution", name)


def firm(name: str | None = None, *, region_code: str = "jinpu") -> Organisation:
    if name is None:
        return _new_organisation("firm", f"演示轴承{next(_numbers)}有限公司", stat_region=region(region_code))
    return organisation("firm", name, stat_region=region(region_code))


def user(role: str | None = None, organisation: Organisation | None = None, **fields) -> User:
    number = next(_numbers)
    values = {"username": f"user{number}", "name": f"用户{number}", "password": "Demo-pass-2026"} | fields
    if role is None:
        return User.objects.create_user(**values)
    made = User.objects.create_user(**{"is_staff": role in STAFF_ROLES} | values)
    if role == Role.BUREAU:  # no migration creates its group, which has no rights
        add_member(made, organisation, role, by=None)
    else:
        _add_first_membership(made, organisation, role)
    return made


def _add_first_membership(made: User, organisation: Organisation, role: str) -> None:
    """What `add_member` writes for a user without a role, in a third of its statements: every test has users."""
    assert KIND_OF_ROLE.get(role, organisation.kind) == organisation.kind
    membership = Membership.objects.create(
        user=made, organisation=organisation, role=role, is_administrator=not has_active_members(organisation)
    )
    User.groups.through.objects.create(user=made, group_id=_group_id(role))
    record("加入单位", membership, by=None, changes={"role": [None, role], "organisation": [None, organisation.name]})


@cache
def _group_id(role: str) -> int:
    """Of the groups that migrations create: no test deletes them."""
    return Group.objects.get(name=GROUP_NAMES[role]).pk


@cache
def _industry_id(slug: str) -> int:
    return Industry.objects.get(slug=slug).pk


def city_officer(**fields) -> User:
    return user(Role.CITY, organisation("city", "市科技局"), **fields)


def auditor(**fields) -> User:
    return user(Role.AUDITOR, organisation("city", "市科技局"), **fields)


def sysadmin(**fields) -> User:
    return user(Role.SYSADMIN, organisation("city", "市科技局"), **fields)


def district_officer(region_code: str = "jinpu", **fields) -> User:
    unit = region(region_code)
    return user(Role.DISTRICT, organisation("district", f"{unit.name}科技局", stat_region=unit), **fields)


def bureau_officer(of: Organisation | None = None, **fields) -> User:
    return user(Role.BUREAU, of or organisation("bureau", "市财政局"), **fields)


def institution_officer(of: Organisation | None = None, **fields) -> User:
    return user(Role.INSTITUTION, of or institution(), **fields)


def firm_officer(of: Organisation | None = None, **fields) -> User:
    return user(Role.FIRM, of or firm(), **fields)


def achievement(*, registered: bool = True, **fields) -> Achievement:
    """A published achievement, or a draft if `registered` is False."""
    return Achievement.objects.create(**_values_of_achievement(registered, fields))


def achievements(rows: Iterable[dict]) -> list[Achievement]:
    """Published achievements with these fields, in one statement."""
    return Achievement.objects.bulk_create([Achievement(**_values_of_achievement(True, fields)) for fields in rows])


def _values_of_achievement(registered: bool, fields: dict) -> dict:
    number = next(_numbers)
    values = {
        "title": f"高镍三元正极材料表面包覆技术{number}",
        "summary": "在正极颗粒表面生成包覆层，抑制副反应，提高循环寿命。",
        "lead_person": "示例人",
        "form": Achievement.Form.MATERIAL,
        "stage": Achievement.Stage.MIDDLE,
        "transfer_ways": ["licence"],
        "non_secret_confirmed": True,
    } | fields
    if "institution" not in values:
        values["institution"] = institution()
    if "industry" not in values:
        values.setdefault("industry_id", _industry_id("materials"))
    if registered:
        now = timezone.now()
        values |= {"registry_number": f"T-{number}", "registered_at": now, "published_at": now}
        values.setdefault("status", Achievement.Status.REGISTERED)
    return values


def demand(*, published: bool = True, **fields) -> Demand:
    """A published demand, or a draft if `published` is False."""
    number = next(_numbers)
    values = {
        "title": f"动力电池正极材料循环寿命提升{number}",
        "problem": "高镍三元正极材料高温循环衰减快，需要表面包覆或其他改性办法。",
        "kind": Demand.Kind.PROBLEM,
    } | fields
    if "firm" not in values:
        values["firm"] = firm()
    if published:
        values.setdefault("status", Demand.Status.PUBLISHED)
        values.setdefault("published_at", timezone.now())
    return Demand.objects.create(**values)


def noon(days: int = 0):
    """Noon, this number of days from today."""
    at = timezone.localtime() + timedelta(days=days)
    return at.replace(hour=12, minute=0, second=0, microsecond=0)


def docking_round(**fields) -> DockingRound:
    now = timezone.now()
    values = {
        "name": f"对接会{next(_numbers)}",
        "starts_at": now - timedelta(hours=3),
        "ends_at": now + timedelta(hours=3),
        "status": DockingRound.Status.GATHERING,
    } | fields
    return DockingRound.objects.create(**values)


def ended_round(**fields) -> DockingRound:
    """A running round whose end has passed a minute ago."""
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=6), "ends_at": now - timedelta(minutes=1)}
    return docking_round(**times | {"status": DockingRound.Status.RUNNING} | fields)


def round_report(docking_round: DockingRound, **fields) -> RoundReport:
    """A first draft."""
    figures = count_figures(docking_round)
    text = [
        {"key": key, "written": words, "text": words} for key, words in section_texts(docking_round, figures).items()
    ]
    values = {"number": 1, "figures": figures, "text": text} | fields
    return RoundReport.objects.create(docking_round=docking_round, **values)


def hall(docking_round: DockingRound, *, tables: int = 4, **fields) -> Hall:
    return Hall.objects.create(
        docking_round=docking_round, **{"name": f"{next(_numbers)} 厅", "tables": tables} | fields
    )


def slots(docking_round: DockingRound, count: int = 4, *, minutes: int = 20) -> list[Slot]:
    """Consecutive slots from the start of the round, with breaks of five minutes."""
    starts = [docking_round.starts_at + timedelta(minutes=(minutes + 5) * number) for number in range(count)]
    return [
        Slot.objects.create(docking_round=docking_round, starts_at=start, ends_at=start + timedelta(minutes=minutes))
        for start in starts
    ]


def agenda_item(docking_round: DockingRound, *, after: int = 0, minutes: int = 30, **fields) -> AgendaItem:
    """Starts `after` minutes after the start of the round; without a hall by default."""
    starts_at = docking_round.starts_at + timedelta(minutes=after)
    values = {
        "kind": AgendaItem.Kind.POLICY,
        "title": f"政策解读{next(_numbers)}",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
    } | fields
    return AgendaItem.objects.create(docking_round=docking_round, **values)


def party(docking_round: DockingRound, organisation: Organisation | None = None, **fields) -> Party:
    """A firm that has accepted, by default."""
    organisation = organisation or firm()
    values = {
        "side": "firm" if organisation.kind == "firm" else "office",
        "answer": Party.Answer.COMING,
    } | fields
    if values["answer"] != Party.Answer.LISTED:
        values.setdefault("invited_at", timezone.now())
    if values["answer"] in (Party.Answer.COMING, Party.Answer.DECLINED):
        values.setdefault("answered_at", timezone.now())
    return Party.objects.create(docking_round=docking_round, organisation=organisation, **values)


def meeting(firm_party: Party, institution_party: Party, **fields) -> Meeting:
    return Meeting.objects.create(
        docking_round=firm_party.docking_round, firm_party=firm_party, institution_party=institution_party, **fields
    )


def attendee(party: Party, **fields) -> Attendee:
    return Attendee.objects.create(party=party, **{"name": f"示例人{next(_numbers)}"} | fields)


def timetable(docking_round: DockingRound, placed: dict | None = None, *, published: bool = True) -> Timetable:
    """A version of the round's timetable; `placed` is {meeting: (slot, hall, table)}."""
    made = Timetable.objects.create(
        docking_round=docking_round,
        number=docking_round.timetables.count() + 1,
        status="published" if published else "draft",
        published_at=timezone.now() if published else None,
    )
    for meeting, (slot, hall, table) in (placed or {}).items():
        Placement.objects.create(timetable=made, meeting=meeting, slot=slot, hall=hall, table=table)
    return made


def contract(*, listed: bool = True, **fields) -> Contract:
    """Registered today, sold by a local institution to a firm in 金普新区, by default; on a list of the office."""
    made = _new_contract(fields)
    made.save(force_insert=True)
    if listed:
        Contract.objects.filter(pk=made.pk).update(official_hash=F("list_hash"))
        made.refresh_from_db()
    return made


def contracts(rows: Iterable[dict]) -> list[Contract]:
    """Contracts of a list of the office with these fields, in two statements. Their hashes are not read back."""
    made = Contract.objects.bulk_create([_new_contract(fields) for fields in rows])
    Contract.objects.filter(pk__in=[row.pk for row in made]).update(official_hash=F("list_hash"))
    return made


def _new_contract(fields: dict) -> Contract:
    number = next(_numbers)
    given = dict(fields)
    seller, buyer = given.pop("seller", None) or institution(), given.pop("buyer", None) or firm()
    values = {
        "name": f"技术合同{number}",
        "number": registration_number(number, on=given.get("registered_on")),
        "kind": Contract.Kind.DEVELOPMENT,
        "status": Contract.Status.REGISTERED,
        "amount_wan": Decimal("100.00"),
        "tech_amount_wan": Decimal("80.00"),
        "seller_name": seller.name,
        "seller_region": seller.stat_region,
        "is_seller_local": seller.is_local,
        "buyer_name": buyer.name,
        "buyer_region": buyer.stat_region,
        "is_buyer_local": buyer.is_local,
        "signed_on": timezone.localdate(),
        "registered_on": timezone.localdate(),
    } | given
    return Contract(seller=seller, buyer=buyer, **values)


def confirmed[M: Model](row: M, *, confirms_broker: bool = False, without: tuple[str, ...] = ()) -> M:
    """The record, after each named party (but those in the roles `without`) has confirmed its present facts.

    A payment gets a voucher, and a payment or landed company is checked by the registration office, as `checked` does.
    """
    subject = subject_of(row)
    row = subject.rows().get(pk=row.pk)
    old = Confirmation.objects.of(row).current().exclude(status="confirmed", facts_hash=row.facts_hash)
    old.exclude(role__in=without).update(status="expired")
    kept = set(Confirmation.objects.of(row).current().values_list("role", flat=True))
    Confirmation.objects.bulk_create(
        Confirmation(
            subject=subject.label, subject_id=row.pk, matter=subject.matter(row), role=party.role,
            organisation=party.organisation, broker=party.broker, title=subject.title(row)[:200],
            facts=subject.facts(row, party.role), facts_hash=row.facts_hash, status="confirmed",
            confirmed_at=timezone.now(), capacity="link", person="示例人", confirms_broker=confirms_broker,
        )
        for party in subject.parties(row)
        if party.role not in kept and party.role not in without and (party.organisation or party.broker)
    )  # fmt: skip
    if isinstance(row, Payment | Landing) and not without:
        checked(row)
    subject.after_answer(row, None, False)
    return row


def voucher(deal: Deal, name: str = "回单.pdf") -> DealFile:
    """A stored file of the deal, without content."""
    by = deal.made_by or User.objects.order_by("pk").first() or user()
    digest = f"{next(_numbers):064}"
    return DealFile.objects.create(
        deal=deal, file=f"deals/{digest}.pdf", name=name, content_type="application/pdf", size=1, sha256=digest,
        uploaded_by=by,
    )  # fmt: skip


def checked[M: Payment | Landing](row: M) -> M:
    """The payment or landing, after the registration office has accepted it. What lacks evidence stays unchecked."""
    if isinstance(row, Payment) and row.voucher is None:
        Payment.objects.filter(pk=row.pk).update(voucher=voucher(row.deal))
    elif isinstance(row, Landing) and not (row.credit_code and row.capital_wan is not None and row.region):
        return row
    officer = User.objects.filter(username="checker").first() or city_officer(username="checker")
    type(row).objects.filter(pk=row.pk).update(
        check_result="accepted", checked_by=officer, checked_at=timezone.now(), checked_hash=F("evidence_hash")
    )
    row.refresh_from_db()
    return row


def registration_number(number: int = 1, *, on: date | None = None) -> str:
    """A number of the city's registration office, given on that day, by default today."""
    return f"{(on or timezone.localdate()).year}210200{number:06}"


def match_run(**fields) -> MatchRun:
    return MatchRun.objects.create(
        **{"title": f"批次{next(_numbers)}", "engine": "p0", "snapshot_hash": "0" * 64} | fields
    )


def match(**fields) -> Match:
    """A proposed match, by default with a demand of a firm in 金普新区."""
    values = {
        "score": 80.0,
        "rank": 1,
        "parts": {"title_similarity": 0.4, "text_similarity": 0.3, "bm25": 0.2},
        "shared_terms": ["正极材料", "循环寿命"],
        "facts": [{"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议"}],
    } | fields
    values["run"] = values.get("run") or match_run()
    values.setdefault("first_run", values["run"])
    values["achievement"] = values.get("achievement") or achievement()
    values["demand"] = values.get("demand") or demand()
    return Match.objects.create(**values)


def learned(**fields) -> Learned:
    """A ranker as the nightly task stores it, with the order of the prior."""
    parameters = {"ranker": {"weights": dict.fromkeys(FEATURE_NAMES, 0.0) | {"prior": 1.0}, "constant": 0.0}}
    values = {"kind": "ranker", "engine": settings.MATCH_ENGINE, "parameters": parameters, "decisions": 100} | fields
    return Learned.objects.create(**values | {"checksum": checksum(values["parameters"])})


def broker(**fields) -> Broker:
    number = next(_numbers)
    return Broker.objects.create(
        **{"name": f"经纪人{number}", "level": Broker.Level.JUNIOR, "certificate_number": f"DEMO-{number}"} | fields
    )


def agency(name: str, *, verified: bool = True) -> Agency:
    agency_row = Agency.objects.create(organisation=organisation("agency", name), kind=Agency.Kind.TRANSFER)
    if verified:
        agency_row.verified_at, agency_row.verified_by = timezone.now(), city_officer()
        agency_row.save()
    return agency_row


def broker_account(agency_name: str = "大连试用技术转移中心", **fields) -> Broker:
    """A broker with an account in an agency that is listed."""
    of = Agency.objects.filter(organisation__name=agency_name).first() or agency(agency_name)
    return broker(user=user(Role.BROKER, of.organisation), agency=of, **fields)


def mandate(client: Organisation | None = None, agent: Broker | Agency | None = None, **fields) -> Mandate:
    """In force, with the rights to write demands and to ask and answer, by default."""
    client, agent = client or firm(), agent or broker_account()
    now = timezone.now()
    values = {
        "client": client,
        "broker": agent if isinstance(agent, Broker) else None,
        "agency": agent if isinstance(agent, Agency) else None,
        "rights": ["post", "answer"],
        "purpose": "寻找轴承热处理技术",
        "ends_on": timezone.localdate() + timedelta(days=30),
        "status": Mandate.Status.CONFIRMED,
        "proposed_side": Mandate.Side.CLIENT,
        "basis": Mandate.Basis.ACCOUNT,
        "confirmed_at": now,
    } | fields
    if "proposed_by" not in values:
        values["proposed_by"] = firm_officer(client) if client.kind == "firm" else institution_officer(client)
    values.setdefault("confirmed_by", values["proposed_by"])
    return Mandate.objects.create(**values)


def contact(of: Organisation, **fields) -> Contact:
    """A contact with consent."""
    return Contact.objects.create(**{"organisation": of, "name": "示例人", "consented_at": timezone.now()} | fields)


def follow_up(of: Match | None = None, *, status: str = "intent", **fields) -> FollowUp:
    """A follow-up of an accepted match, owned by a city officer by default. An agreed one rests on a word of each side,
    said with its code."""
    now, today = timezone.now(), timezone.localdate()
    owner = fields.pop("owner", None) or city_officer()
    accepted = {"status": "accepted", "reviewed_by": owner, "reviewed_at": now}
    of = of or match(**accepted)
    values = {}
    if status in FollowUp.AGREED:
        values = {"agreed_at": now} | own_words(of, stance="willing" if status == "talks" else "intent")
    if status in FollowUp.FOLLOWED:
        values |= {"next_on": today + timedelta(days=7)}
    follow_up_row = FollowUp.objects.create(match=of, owner=owner, status=status, **values | fields)
    answer = {"status": "willing", "answered_in_person": True, "answered_at": now} if status in FollowUp.AGREED else {}
    for side in ("firm", "office"):
        SideResponse.objects.create(follow_up=follow_up_row, side=side, due_on=today, **answer)
    return follow_up_row


def officer_of(side: SideResponse) -> User:
    """A user of the side."""
    return firm_officer(side.organisation) if side.side == "firm" else institution_officer(side.organisation)


def statement(of: Match, side: str, stance: str = "intent", *, capacity: str = "code", **fields) -> SideStatement:
    """A word of one side, said with its code by default."""
    now = timezone.now()
    values = {"source": "test", "said_at": now, "recorded_at": now} | fields
    return SideStatement.objects.create(match=of, side=side, stance=stance, capacity=capacity, **values)


def met(of: Match, *, key: str = "talk", met_on: date, stance: str = "willing", by: User | None = None) -> FollowUp:
    """The follow-up of a match whose sides met and both said the same, each with its own code."""
    words = [Word(side, stance, "code", said_at=timezone.now()) for side in ("firm", "office")]
    return follow_up_after_meeting(of, MeetingResult(key=key, met_on=met_on, words=words), by=by)


def own_words(of: Match, *, stance: str = "intent") -> dict[str, SideStatement]:
    """A word of each side, as columns of a follow-up."""
    return {
        "firm_statement": statement(of, "firm", stance),
        "institution_statement": statement(of, "office", stance),
    }


def deal(*, is_confirmed: bool = True, **fields) -> Deal:
    """A deal at 意向, by default from outside the platform and confirmed by both parties."""
    origin = "match" if fields.get("follow_up") else "outside"
    values = {"name": f"成交项目{next(_numbers)}", "origin": origin} | fields
    if "follow_up" in fields:
        pair = fields["follow_up"].match
        values.setdefault("buyer", pair.demand.firm)
        values.setdefault("seller", pair.achievement.institution)
    if "seller" not in values:
        values["seller"] = institution()
    if "buyer" not in values:
        values["buyer"] = firm()
    made = Deal.objects.create(**values)
    DealStep.objects.create(deal=made, stage=made.stage, move="open", on=made.stage_on)
    if is_confirmed:
        confirmed(made)
    return made


def approach(*, by: User | None = None, **fields) -> Approach:
    """An enquiry of a firm about a published achievement; `fields` are those of `send_enquiry`."""
    firm_row = fields.pop("firm", None) or (Organisation.objects.get(pk=min(by.scope.firm_ids)) if by else firm())
    number = "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in str(next(_numbers)))
    values = {"purpose": "adopt", "text": f"能否用在{number}号产线上？需要具备哪些条件？"} | fields
    return send_enquiry(
        values.pop("achievement", None) or achievement(), firm=firm_row, by=by or firm_officer(firm_row), **values
    )
