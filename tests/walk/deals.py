"""What the walk finds of deals and contracts, and what each role gets there."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from accounts.services.members import add_member
from deals.models import Contract, Instalment, PaymentLetter, RegistrationRule
from deals.services.contracts import draft_contract, submit_contract
from deals.services.deal_parts import add_evidence
from deals.services.deals import open_deal, sign_deal
from rounds.models import Outcome
from subscriptions.models import SavedView
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    """A signed deal from a follow-up with its evidence and a contract to confirm, a second follow-up that may become
    one, a held meeting, and a row of the office's list to be looked at."""
    tag = "甲" if mine else "乙"
    office, firm, district = (("office",), ("firm",), ("district",)) if mine else ((), (), ())
    knowers = (*office, *firm, *district, "city", "auditor")
    city, today = world.users["city"], timezone.localdate()
    accepted = {"status": "accepted", "reviewed_by": city, "reviewed_at": timezone.now()}
    buyer = make.firm(f"大连成交{tag}有限公司", region_code=side.region.code)  # both sides of a deal know each other
    if mine:
        add_member(world.users["firm"], buyer, Role.FIRM, by=None)
    pairs = [
        make.match(
            achievement=make.achievement(title=f"谈成的成果{number}{tag}", institution=side.institution),
            demand=make.demand(title=f"谈成的需求{number}{tag}", firm=buyer),
            run=side.run,
            **accepted,
        )
        for number in (1, 2)
    ]
    side.handed = make.follow_up(pairs[0], owner=city)
    side.deal = open_deal(side.handed, by=city)
    type(side.deal).objects.filter(pk=side.deal.pk).update(name=world.secret(f"谈成的项目{tag}", *knowers))
    side.deal.refresh_from_db()
    sign_deal(side.deal, on=today, signed_wan=Decimal(100), way="service", by=city)
    make.confirmed(side.deal)
    words = world.secret(f"协议正文{tag}", *knowers)
    side.deal_file = add_evidence(
        side.deal, content=uploads.PDF + words.encode(), name="协议.pdf", by=world.users["city"]
    )
    side.contract = draft_contract(side.deal, by=city)
    submit_contract(side.contract, by=city)
    side.ready = make.follow_up(pairs[1], owner=city)
    docking_round = make.docking_round(name=f"谈过的对接会{tag}", status="preparing")
    side.held_meeting = make.meeting(
        make.party(docking_round, buyer),
        make.party(docking_round, side.institution),
        status="held",
        ended_at=timezone.now(),
        topic="谈过的内容",
    )
    for name in ("firm", "office"):
        Outcome.objects.create(meeting=side.held_meeting, side=name, verdict="intent")
    side.listed = make.contract(
        name=world.secret(f"名单里的合同{tag}", *district, "city", "auditor"),
        seller=make.organisation("firm", f"大连卖方{tag}有限公司"),
        buyer=make.organisation("firm", f"大连买方{tag}有限公司", stat_region=side.region),
        doubt=Contract.Doubt.DUPLICATE,
    )
    side.instalment = Instalment.objects.create(
        contract=side.contract, due_on=today - timedelta(days=40), amount_wan=Decimal(30), made_by=city
    )
    side.letter = PaymentLetter.objects.create(
        instalment=side.instalment,
        due_on=side.instalment.due_on,
        open_wan=Decimal(30),
        pay_until=today,
        note=world.secret(f"催付的话{tag}", *knowers),
        sender=side.institution,
        sent_by=city,
    )
    side.saved_view = SavedView.objects.create(
        user=world.users["firm"] if mine else side.user,
        page="deals",
        name=world.secret(f"私下视图{tag}", *firm),
        query="show=signed",
    )
    side.registrationrule = RegistrationRule.objects.all()[0 if mine else 1]


NAMED = {
    "open work": lambda world: {
        "contracts": SimpleNamespace(public_id="contracts-to-register"),
        "confirmations": SimpleNamespace(public_id="my-confirmations"),
    }
}
ONE_WAY = "login 405 405 405 405 405 405 405 405"
DOWNLOAD = "login 200! 200! 200! 200! 200! 200! 200! 200!"
SAVED = "login away! away! away! away! away! away! away! away!"


def _view(world, kind):
    return {"name": "轴承的", "q": "轴承"}


PAGES: dict = {
    "workbench/deals/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": ONE_WAY},
    "workbench/deals/export/": {"GET": ONE_WAY, "POST": DOWNLOAD},
    "workbench/deals/views/save/": {"GET": ONE_WAY, "data": _view, "POST": SAVED},
    "workbench/contracts/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": ONE_WAY},
    "workbench/contracts/export/": {"GET": ONE_WAY, "POST": DOWNLOAD},
    "workbench/contracts/views/save/": {"GET": ONE_WAY, "data": _view, "POST": SAVED},
    "workbench/views/<public_id:public_id>/remove/": {
        "about": "savedview",
        "GET": ONE_WAY,
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/payments/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": ONE_WAY},
    "workbench/payments/<public_id:public_id>/letter/": {
        "about": "instalment",
        "GET own": "login 404 200 403 200 200 404 403 404",  # the buyer gets letters and writes none
        "GET foreign": "login 404 404 404 404 200 404 403 404",
        "data": lambda world, kind: {"pay_until": timezone.localdate().isoformat()},
        "POST own": "login 404 422 403 422 422 404 403 404",  # there is one of today
        "POST foreign": "login 404 404 404 404 422 404 403 404",
    },
    "workbench/payment-letters/<public_id:public_id>/": {
        "about": "paymentletter",
        "GET own": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": ONE_WAY,
    },
    "workbench/payment-letters/<public_id:public_id>/word/download/": {
        "about": "paymentletter",
        "GET own": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": ONE_WAY,
    },
    "workbench/work/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": ONE_WAY},
    "workbench/work/<slug:key>/": {
        "about": "open work",
        "GET contracts": "login 404 404 404 200 200 404 200 404",
        "GET confirmations": "login 200 200 200 404 404 200 404 200",
        "POST": ONE_WAY,
    },
    "workbench/deals/new/": {
        "GET": "login 403 200 200 200 200 403 403 403",
        "POST": "login 403 422 422 422 422 403 403 403",
    },
    "workbench/deals/<public_id:public_id>/": {
        "about": "deal",
        "GET own": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": ONE_WAY,
    },
    "workbench/deals/<public_id:public_id>/do/": {
        "about": "deal",
        "data": lambda world, kind: {
            "action": "evidence",
            "evidence-file": SimpleUploadedFile("发票.pdf", uploads.PDF + b"%%"),
        },
        "GET": ONE_WAY,
        "POST own": "login 404 away! away! away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/deal/": {
        "about": "ready",
        "GET": ONE_WAY,
        "POST own": "login 404 403 403 away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/meetings/<public_id:public_id>/deal/": {
        "about": "held_meeting",
        "GET": ONE_WAY,
        "POST own": "login 404 403 403 away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/deal-files/<public_id:public_id>/": {
        "about": "deal_file",
        "GET own": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": ONE_WAY,
    },
    "workbench/deal-files/<public_id:public_id>/remove/": {
        "about": "deal_file",
        "GET": ONE_WAY,
        "POST own": "login 404 403 403 away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/evidence/": {
        "GET": "login 403 403 403 403 200 403 200 403",
        "POST": ONE_WAY,
    },
    "workbench/contracts/check/": {
        "GET": "login 403 403 403 403 200 403 200 403",
        "POST": ONE_WAY,
    },
    "workbench/contracts/<public_id:public_id>/": {
        "about": "contract",
        "GET own": "login 404 200 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 422 422 422 422 404 403 404",
        "POST foreign": "login 404 404 404 404 422 404 403 404",
    },
    "workbench/contracts/<public_id:public_id>/do/": {
        "about": "contract",
        "data": lambda world, kind: {"action": "confirm"},
        "GET": ONE_WAY,
        "POST own": "login 404 away! away! away away 404 403 404",  # only the two sides confirm
        "POST foreign": "login 404 404 404 404 away 404 403 404",
    },
    "workbench/contracts/<public_id:public_id>/check/": {
        "about": "listed",
        "data": lambda world, kind: {"action": "outside"},
        "GET": ONE_WAY,
        "POST own": "login 403 403 403 403 away! 403 403 403",
        "POST foreign": "login 403 403 403 403 away! 403 403 403",
    },
    "workbench/contracts/<public_id:public_id>/word/download/": {
        "about": "contract",
        "GET own": "login 404 200! 200! 200! 200! 404 200! 404",
        "GET foreign": "login 404 404 404 404 200! 404 200! 404",
        "POST": ONE_WAY,
    },
    "workbench/contracts/<public_id:public_id>/excel/download/": {
        "about": "contract",
        "GET own": "login 404 200! 200! 200! 200! 404 200! 404",
        "GET foreign": "login 404 404 404 404 200! 404 200! 404",
        "POST": ONE_WAY,
    },
    "admin/deals/contract/import_sheet/": {"GET": "login login login login 403 away login 403 403"},
    "admin/deals/contract/check_list/": {"GET": "login login login login 403 away login 403 403"},
}
