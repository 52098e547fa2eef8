"""A small city for the walk: one user per role, everything they work with, and the same again for somebody else.

"own" is what stands in 金普新区 and belongs to the users' organisations, "foreign" the same in 高新园区. "open" may be
read by everybody.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import Contact, Membership, Region, Role, SignUp, SourceFile
from accounts.services.source_files import store_source_file
from achievements.models import Achievement
from achievements.services.attachments import add_attachment
from achievements.services.sheet_imports import start_sheet_import
from audit.models import AuditRecord
from audit.services import record
from brokers.models import Agency
from demands.models import Demand
from matching.models import BrokerRequest, ConfirmationRequest, DemandResult, FollowUp, Question, SideResponse
from matching.overview.figures import FIGURES
from mechanism.kpi.registry import FIGURES as CITY_FIGURES
from notices.models import Delivery, Notice
from notices.unsubscribe_tokens import make_unsubscribe_token
from taxonomy.models import Industry
from tests import factories as make
from tests.achievements import uploads
from tests.achievements.sheets import workbook
from tests.demands import sheets as demand_sheets
from tests.walk import (
    answers,
    approaches,
    brokerage,
    challenges,
    closings,
    confirmations,
    correspondence,
    day,
    deals,
    delegations,
    disclosure,
    drafting,
    figures,
    finding_again,
    guests,
    honours,
    integrity,
    mechanism,
    members,
    notes_and_calendars,
    obstacles,
    plans,
    portfolio,
    reports,
    round_parts,
    side_feedback,
    sign_in,
    standing,
    subsidies,
)

SIDES = ("own", "foreign")
ATTRIBUTES = {
    "organisation": "firm",
    "signup": "sign_up",
    "auditrecord": "audit",
    "sourcefile": "source_file",
    "datarequest": "data_request",
    "savedsearch": "saved_search",
    "savedview": "saved_view",
    "table view": "table_view",
    "renewal campaign": "renewal_campaign",
    "renewal request": "renewal_request",
    "renewal answer": "renewal_answer",
    "answered handover": "answered_handover",
    "bulk edit": "bulk_edit",
    "document draft": "document_draft",
    "draft document": "draft_document",
    "annual report": "annual_report",
    "report file": "report_file",
    "income case": "income_case",
    "price publicity": "price_publicity",
    "evaluation request": "evaluation_request",
    "item proposal": "item_proposal",
    "offered achievement": "offered",
    "paymentletter": "letter",
    "demand": "waiting_demand",
    "matchrun": "run",
    "brokerrequest": "request",
    "dockinground": "round",
    "roundreport": "report",
    "agendaitem": "agenda_item",
    "followup": "follow_up",
    "baserequest": "base_request",
    "answered explanation": "answered_explanation",
    "obstaclekind": "obstacle_kind",
    "bureau measure": "bureau_measure",
    "bureau evidence": "bureau_evidence",
    "trial request": "trial_request",
    "trial file": "trial_file",
    "finished evaluation": "finished_evaluation",
    "draft achievement": "draft",
    "draft demand": "draft_demand",
    "teaser demand": "teaser_demand",
    "matched demand": "demand",
    "coded party": "coded_party",
    "planned round": "planned_round",
    "copied round": "copied_round",
    "avoidedperiod": "avoided_period",
    "planned party": "planned_party",
    "profilerevision": "profile_revision",
}
"""Under which name a side of the world keeps the row of a model, where it is not the model's own."""
ONE_MORE = {
    "attachment": ("open", "open_attachment"),
    "round_document": ("private", "private_document"),
    "followup": ("refused", "refused_follow_up"),
    "help_request": ("any", "any_help_request"),
    "day_party": ("office", "day_institution_party"),
}
"""Of some models a third row: its kind, and under which name the own side keeps it."""
ANONYMOUS = "public demand"
"""Everybody may read a published demand whose firm few may know: a further row of this name, of the foreign side."""
UNMASKED = "只有本企业、所在区市县和市科技局能看到这一行"
"""What stands beside the firm of that row, for those who may know it. No role that asks is of its firm or district."""
ROLES = ("anonymous", "nobody", "office", "firm", "district", "city", "broker", "auditor", "sysadmin", "bureau")


@dataclass(frozen=True)
class Secret:
    """Words planted in the world, and the roles that may read them."""

    words: str
    known_to: frozenset[str]

    def may_be_read(self, role: str, path: str) -> bool:
        """The system administrator keeps accounts: the names of organisations and files there, and only there."""
        keeps_accounts = role == "sysadmin" and path.startswith(
            ("/admin/accounts/", "/admin/audit/", "/admin/autocomplete/")
        )
        return role in self.known_to or (keeps_accounts and "accounts" in self.known_to)


class World:
    def __init__(self):
        self.secrets: list[Secret] = []
        city = make.city_officer()
        self.own, self.foreign = (self._side(name, city) for name in ("own", "foreign"))
        self.open = SimpleNamespace(
            achievement=make.achievement(title="已公开成果", institution=self.own.institution),
            demand=make.demand(title="已公开需求", firm=make.firm("大连明示企业有限公司")),
        )
        self.secret(UNMASKED, "city", "auditor")
        self.users = self._users(city)
        for side in (self.own, self.foreign):
            self._matches(side)
            mechanism.plant(self, side, mine=side is self.own)
            confirmations.plant(self, side, mine=side is self.own)
            deals.plant(self, side, mine=side is self.own)
            day.plant(self, side, mine=side is self.own)
            honours.plant(self, side, mine=side is self.own)
            round_parts.plant(self, side, mine=side is self.own)
            figures.plant(side, mine=side is self.own)
            closings.plant(self, side, mine=side is self.own)
            guests.plant(self, side, mine=side is self.own)
            plans.plant(self, side, mine=side is self.own)
            disclosure.plant(self, side, mine=side is self.own)
            side_feedback.plant(self, side, mine=side is self.own)
            sign_in.plant(self, side)
            members.plant(self, side, mine=side is self.own)
            answers.plant(self, side, mine=side is self.own)
            approaches.plant(self, side, mine=side is self.own)
            finding_again.plant(self, side, mine=side is self.own)
            standing.plant(self, side, mine=side is self.own)
            notes_and_calendars.plant(self, side, mine=side is self.own)
            integrity.plant(self, side, mine=side is self.own)
            subsidies.plant(self, side, mine=side is self.own)
            obstacles.plant(self, side, mine=side is self.own)
            portfolio.plant(self, side, mine=side is self.own)
            correspondence.plant(self, side, mine=side is self.own)
            drafting.plant(self, side, mine=side is self.own)
            reports.plant(self, side, mine=side is self.own)
            delegations.plant(self, side, mine=side is self.own)
            brokerage.plant(self, side, mine=side is self.own)
            challenges.plant(self, side, mine=side is self.own)

    def secret(self, words: str, *known_to: str) -> str:
        """Plant: the words themselves, to be put where only these roles may read them."""
        self.secrets.append(Secret(words, frozenset(known_to)))
        return words

    def _side(self, side: str, city) -> SimpleNamespace:
        mine = side == "own"
        region = "jinpu" if mine else "gaoxin"
        tag = "甲" if mine else "乙"
        office = ("office",) if mine else ()
        district = ("district",) if mine else ()
        firm = ("firm", *district) if mine else ()
        s = SimpleNamespace(region=make.region(region))
        s.industry = Industry.objects.all()[0 if mine else 1]
        s.institution = make.institution(f"大连测试{tag}大学")
        # The name of an anonymous firm, in its own field and quoted in a text that everybody may read.
        s.firm = make.firm(
            self.secret(f"大连藏龙{tag}虎轴承有限公司", *firm, "city", "auditor", "accounts"), region_code=region
        )
        self.secret(f"藏龙{tag}虎", *firm, "city", "auditor", "accounts")
        s.contact = self._contact(s.firm, tag + "企")
        s.contact_of_office = self._contact(s.institution, tag + "校")
        s.demand = make.demand(
            title=f"匿名需求{tag}",
            firm=s.firm,
            problem=f"我们藏龙{tag}虎的轴承保持架磨损快。",
            is_anonymous=True,
            public_alias=f"某轴承企业{tag}",
            contact=s.contact,
        )
        s.waiting_demand = make.demand(
            title=self.secret(f"未发布需求{tag}", *firm, "city", "auditor"),
            firm=s.firm,
            published=False,
            status="district_review",
        )
        s.achievement = make.achievement(
            title=self.secret(f"未入库成果{tag}", *office, "city", "auditor"),
            registered=False,
            status="city_review",
            institution=s.institution,
            contact=s.contact_of_office,
        )
        s.draft = make.achievement(
            title=self.secret(f"草稿成果{tag}", *office, "city", "auditor"), registered=False, institution=s.institution
        )
        s.draft_demand = make.demand(
            title=self.secret(f"草稿需求{tag}", *firm, "city", "auditor"), firm=s.firm, published=False
        )
        s.offered = make.achievement(title=f"在库成果{tag}", institution=s.institution, contact=s.contact_of_office)
        content = uploads.PDF + self.secret(f"内部检测数据{tag}", *office, "city", "auditor").encode()
        s.attachment = add_attachment(s.offered, content=content, name="检测.pdf", by=city)
        s.open_attachment = add_attachment(s.offered, content=uploads.PDF, name="样本.pdf", by=city, is_public=True)
        s.sign_up = self._sign_up(s.region, tag)
        s.agency_contact = self._contact(make.organisation("agency", f"大连{tag}技术转移中心"), tag + "介")
        verified = {"verified_at": timezone.now(), "verified_by": city} if mine else {}
        s.agency = Agency.objects.create(
            organisation=s.agency_contact.organisation, kind="transfer", contact=s.agency_contact, **verified
        )
        s.round = make.docking_round(name=f"对接会{tag}", status="gathering" if mine else "preparing")
        s.report = make.round_report(s.round)
        return s

    def _contact(self, organisation, tag) -> Contact:
        number = len(self.secrets)
        return Contact.objects.create(
            organisation=organisation,
            name=self.secret(f"司徒{tag}"),
            phone=self.secret(f"1390411{number:04}"),
            email=self.secret(f"secret{number}@example.cn"),
            consented_at=timezone.now(),
        )

    def _sign_up(self, region: Region, tag: str) -> SignUp:
        number = len(self.secrets)
        return SignUp.objects.create(
            firm_name=f"大连新来{tag}公司",
            credit_code="91210200MADEM0001W" if tag == "甲" else "91210200MADEM00020",
            stat_region=region,
            username=f"applicant{number}",
            name=self.secret(f"欧阳{tag}申"),
            phone=self.secret(f"1380411{number:04}"),
            email=self.secret(f"applicant{number}@example.cn"),
            password_hash=self.secret(f"md5$hash{number}"),
            consented_at=timezone.now(),
        )

    def _users(self, city) -> dict:
        agency = self.own.agency.organisation
        private = {"phone": self.secret("13704110001"), "email": self.secret("colleague@example.cn")}
        users = {
            "anonymous": None,
            "nobody": make.user(),
            "office": make.institution_officer(self.own.institution, **private),
            "firm": make.firm_officer(self.own.firm),
            "district": make.district_officer("jinpu"),
            "city": city,
            "broker": make.user(Role.BROKER, agency),
            "auditor": make.auditor(),
            "sysadmin": make.sysadmin(),
            "bureau": make.bureau_officer(),
        }
        others = {
            "own": users["office"],
            "foreign": make.institution_officer(self.foreign.institution),
        }
        for name, colleague in others.items():
            side = getattr(self, name)
            side.user = colleague
            side.membership = Membership.objects.get(user=colleague)
            side.group = colleague.groups.get()
            file_name = f"征集表{side.institution.name[4]}.xlsx"
            known = ("office",) if name == "own" else ()
            self.secret(file_name, *known, "city", "auditor", "accounts")
            title = self.secret(f"表中成果{side.institution.name[4]}", *known, "city", "auditor")
            content = workbook({"成果名称": title, "第一完成单位": side.institution.name, "意向价格（万元）": "面意"})
            side.source_file = store_source_file(
                "achievements", content=content, name=file_name, by=colleague, organisation=side.institution
            )
            start_sheet_import(side.source_file, by=colleague)
        self.own.broker = make.broker(name="公开经纪人", user=users["broker"], agency=self.own.agency)
        self.foreign.broker = make.broker(
            name="外人经纪人", user=make.user(Role.BROKER, self.foreign.agency.organisation), agency=self.foreign.agency
        )
        self.districts_file = store_source_file(
            "demands", content=demand_sheets.workbook({}), name="区表.xlsx", by=users["district"]
        )
        return users

    def _matches(self, side: SimpleNamespace) -> None:
        mine = side is self.own
        tag = "甲" if mine else "乙"
        knowers = ("district", "city", "auditor")
        proposed = self.secret(f"待审术语{tag}", *(knowers if mine else knowers[1:]))
        side.match = make.match(achievement=self.open.achievement, demand=side.demand, shared_terms=[proposed])
        side.run = side.match.run
        reviewer = self.users["city"]
        accepted = {"status": "accepted", "reviewed_by": reviewer, "reviewed_at": timezone.now()}
        side.accepted = make.match(achievement=side.offered, demand=side.demand, run=side.run, **accepted)
        side.learned = make.learned(is_winner=True, engine="one" if mine else "other")
        side.demandresult = DemandResult.objects.create(
            run=side.run, demand=side.demand, no_match_probability=0.8, has_no_match=True
        )
        side.request = BrokerRequest.objects.create(
            match=side.accepted,
            broker=side.broker,
            asked_by=reviewer,
            note=self.secret(f"嘱托经纪人{tag}", *(("broker", *knowers) if mine else knowers[1:])),
        )
        self._follow_ups(side, mine, tag, reviewer)
        wondered = make.demand(
            title=f"被问到的需求{tag}", firm=side.firm, is_anonymous=True, public_alias=f"某轴承企业{tag}"
        )
        side.asked = make.match(achievement=side.offered, demand=wondered, run=side.run)
        side.question = Question.objects.create(
            match=side.asked,
            side="firm",
            text=self.secret(f"请问批量{tag}", *(("firm", *knowers) if mine else knowers[1:])),
            asked_by=reviewer,
        )
        seen = self.secret(f"操作细节{tag}", "city", "auditor", *(["accounts"] if mine else []))
        record(seen, self.users["nobody"] if mine else side.demand, by=reviewer)
        side.audit = AuditRecord.objects.filter(action=seen).get()

    def _follow_ups(self, side: SimpleNamespace, mine: bool, tag: str, owner) -> None:
        """One where the office has refused for a reason of its own and the firm is still asked; one agreed."""
        now, today = timezone.now(), timezone.localdate()
        office, staff = (("office",) if mine else ()), (("district",) if mine else ())
        private = self.secret(f"私下原因{tag}", *office, *staff, "city", "auditor")
        side.follow_up = FollowUp.objects.create(match=side.accepted, owner=owner)
        for name in ("firm", "office"):
            SideResponse.objects.create(follow_up=side.follow_up, side=name, due_on=today)
        refused = make.match(
            achievement=side.offered,
            demand=make.demand(
                title=f"第二项匿名需求{tag}", firm=side.firm, is_anonymous=True, public_alias=f"某轴承企业{tag}"
            ),
            run=side.run,
            status="accepted",
            reviewed_by=owner,
            reviewed_at=now,
        )
        over = FollowUp.objects.create(
            match=refused, owner=owner, status="closed", closed_reason="unwilling", closed_at=now
        )
        SideResponse.objects.create(follow_up=over, side="firm", due_on=today)
        SideResponse.objects.create(
            follow_up=over, side="office", due_on=today, status="unwilling", reason="other", note=private,
            answered_by=owner, answered_at=now,
        )  # fmt: skip
        side.refused_follow_up = over
        side.question_token = f"token-of-the-firm-{tag}"
        ConfirmationRequest.objects.create(
            follow_up=side.follow_up,
            side="firm",
            kind="phone",
            stance="willing",
            token_digest=sha256(side.question_token.encode()).hexdigest(),
            expires_at=now + timedelta(days=3),
        )
        words = self.secret(f"给办公室的消息{tag}", *office)
        side.notice = Notice.objects.create(
            recipient=side.user, kind="accepted", text=words, path="/workbench/", about="a", key="a"
        )
        letter = self.secret(f"邮件正文{tag}", "city", "auditor")
        side.delivery = Delivery.objects.create(
            channel="mail", recipient=side.user, address="x@example.cn", subject="汇总", body=letter
        )

    # --- Which row an address is about -------------------------------------------------------------------------------
    def rows(self, name: str, role: str) -> dict:
        """{kind: row} for a name of the tables of `expected`; the kinds are "own", "foreign" and sometimes "open"."""
        if name in MADE_UP:
            return MADE_UP[name](self)
        if name == "sourcefile" and role == "district":
            return {"own": self.districts_file, "foreign": self.foreign.source_file}
        anonymous = {"anonymous": self.foreign.demand} if name == ANONYMOUS else {}
        name = name.removeprefix("public ")
        attribute = ATTRIBUTES.get(name, name)
        rows = {"own": getattr(self.own, attribute), "foreign": getattr(self.foreign, attribute)} | anonymous
        if name in ONE_MORE:
            kind, attribute = ONE_MORE[name]
            rows[kind] = getattr(self.own, attribute)
        elif hasattr(self.open, name):
            rows["open"] = getattr(self.open, name)
        return rows

    def prepare(self, row, state: dict) -> None:
        """Bring a row into the state an action of `expected.ACTIONS` starts from."""
        now, by = timezone.now(), self.users["city"]
        values = dict(state)
        if isinstance(row, Achievement) and values.get("status") in {"registered", "paused"}:
            values |= {"registry_number": f"W-{row.pk}", "registered_at": now}
        if values.pop("published", False) or (isinstance(row, Demand) and values.get("status") == "published"):
            values["published_at"] = now
        if values.pop("verified", False):
            values |= {"verified_at": now, "verified_by": by}
        if values.get("is_barred"):
            values |= {"ended_at": now, "ended_by": by, "end_reason": "违反承诺"}
        if values.pop("accepted", False):
            values |= {"status": "accepted", "reviewed_at": now, "reviewed_by": by}
        if values.pop("scheduled", False):
            round_parts.timetable_published(row)
        if values.pop("closed", False):
            run = make.match_run()
            values |= {"status": "closed", "closed_at": now, "match_run": run}
        if values:
            type(row).objects.filter(pk=row.pk).update(**values)


MADE_UP = {
    "import kind": lambda world: {kind: SimpleNamespace(public_id=kind) for kind in SourceFile.Kind.values},
    "figure": lambda world: {kind: SimpleNamespace(pk=kind) for kind in FIGURES},
    "text key": lambda world: {"own": SimpleNamespace(pk="rounds.talks")},
    "closed month": lambda world: {"own": closings.MONTH},
    "city figure": lambda world: {key: SimpleNamespace(slug=key) for key in CITY_FIGURES},
    "reset token": lambda world: {kind: sign_in.reset_token(getattr(world, kind).somebody) for kind in SIDES},
    "confirm token": lambda world: {kind: sign_in.confirm_token(getattr(world, kind)) for kind in SIDES},
    "passkey": lambda world: {kind: SimpleNamespace(public_id=getattr(world, kind).passkey.pk) for kind in SIDES},
    "unsubscribe token": lambda world: {
        kind: SimpleNamespace(public_id=make_unsubscribe_token(getattr(world, kind).user))
        for kind in ("own", "foreign")
    },
    **confirmations.NAMED,
    **deals.NAMED,
    **guests.NAMED,
    **members.NAMED,
    **finding_again.NAMED,
    **notes_and_calendars.NAMED,
    **portfolio.NAMED,
    **correspondence.NAMED,
    **reports.NAMED,
}
"""Names that stand for no row of one model: {kind: what has its address's value}."""
