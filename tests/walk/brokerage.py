"""What the walk finds of mandates and brokerage, and what each role gets there.

The client of the planted mandate is the institution, with a right that opens no other page: tests/mandates has what a
mandate opens. The request to any broker comes from the firm, whose name is planted: the broker must not find it.
"""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from brokerage.models import Commission, Profile, ProfileCase, ProfileRevision
from brokerage.services.help_requests import ask_for_help
from mandates.services.mandates import add_document, propose_mandate
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    tag = "甲" if mine else "乙"
    sides = ("office", "broker") if mine else ()
    officer, broker, today = side.user, side.broker, timezone.localdate()
    side.current_mandate = make.mandate(
        side.institution,
        side.agency,
        rights=["contact"],
        purpose=world.secret(f"有效的委托{tag}", *sides, "city", "auditor"),
        proposed_by=officer,
    )
    side.mandate = propose_mandate(
        client=side.institution,
        agent=broker,
        rights=["attend"],
        purpose=world.secret(f"待确认的委托{tag}", *sides, "city", "auditor"),
        ends_on=today + timedelta(days=30),
        by=officer,
        document=(world.secret(f"委托书{tag}.pdf", *sides, "city", "auditor"), uploads.PDF),
    )
    name = world.secret(f"换上的委托书{tag}.pdf", *sides, "city", "auditor")
    add_document(side.mandate, name=name, content=uploads.PDF, by=officer)
    side.replaced_document = side.mandate.replaced_documents.get()
    text = world.secret(f"请帮这项成果找企业{tag}", *sides, "city", "auditor")
    side.help_request = ask_for_help(asker=side.institution, by=officer, text=text, agent=broker)
    if mine:
        text = world.secret("谁能帮忙找热处理技术", "firm", "district", "broker", "city", "auditor")
        side.any_help_request = ask_for_help(asker=side.firm, by=world.users["firm"], text=text)
    side.pipeline_key = SimpleNamespace(slug=f"request-{side.help_request.pk}")
    _commission(world, side, tag, sides)
    side.profile = Profile.objects.create(broker=broker)
    if mine:
        Profile.objects.create(agency=side.agency)
    words = world.secret(f"还没有审核的介绍{tag}", *(("broker",) if mine else ()), "city", "auditor")
    side.profile_revision = ProfileRevision.objects.create(
        profile=side.profile, before={"introduction": ""}, after={"introduction": words}, proposed_by=broker.user
    )
    parties = ("office", "broker") if mine else ()
    buyer = make.organisation("firm", f"大连案例{tag}有限公司")
    side.profile_case = ProfileCase.objects.create(
        profile=side.profile,
        contract=make.contract(seller=side.institution, buyer=buyer),
        text=world.secret(f"还没有同意的案例{tag}", *parties),
        made_by=broker.user,
    )


def _commission(world, side, tag: str, sides: tuple[str, ...]) -> None:
    """The agent has proposed; of a deal that nobody else in the world takes part in."""
    deal = make.deal(
        name=world.secret(f"有佣金的成交{tag}", *sides, "city", "auditor"),
        seller=side.institution,
        buyer=make.organisation("firm", f"大连付佣{tag}有限公司"),
        broker=side.broker,
        agency=side.agency,
    )
    side.commission = Commission.objects.create(
        deal=deal,
        mandate=side.current_mandate,
        fixed_wan=3,
        due="registered",
        note=world.secret(f"佣金的其他约定{tag}", *sides, "city", "auditor"),
        proposed_side="agent",
        proposed_by=side.broker.user,
    )


POSTED = "login 405 405 405 405 405 405 405 405"
READS_OWN = "login 404 200 404 404 200 200 200 404"
READS_FOREIGN = "login 404 404 404 404 200 404 200 404"
ONLY_READ = {"GET own": READS_OWN, "GET foreign": READS_FOREIGN, "POST": POSTED}
SEEN_BY_CITY = "login 404 404 404 404 403 404 403 404"
MANDATE = "workbench/mandates/<public_id:public_id>/"
HELP = "workbench/help/<public_id:public_id>/"
COMMISSION = "workbench/commissions/<public_id:public_id>/"


def step(about: str, own: str, *, foreign: str = SEEN_BY_CITY, more: dict | None = None, data: dict | None = None):
    page = {"about": about, "GET": POSTED, "POST own": own, "POST foreign": foreign} | (more or {})
    return page | ({"data": lambda world, kind: data} if data else {})


def by_sides(office: str, broker: str, city: str = "403", auditor: str = "403") -> str:
    return f"login 404 {office} 404 404 {city} {broker} {auditor} 404"


REASON = {"reason": "近期没有时间"}
PAGES = {
    "workbench/mandates/": {"GET": "login 403 200 200 200 200 200 200 403", "POST": POSTED},
    "workbench/mandates/new/": {
        "GET": "login 403 200 200 403 403 200 403 403",
        "POST": "login 403 422 422 403 403 422 403 403",
    },
    MANDATE: {"about": "mandate", **ONLY_READ},
    f"{MANDATE}file/": {"about": "mandate", **ONLY_READ},
    "workbench/mandates/documents/<public_id:public_id>/": {"about": "replaced_document", **ONLY_READ},
    f"{MANDATE}confirm/": step("mandate", by_sides("403", "away!")),
    f"{MANDATE}refuse/": step("mandate", by_sides("403", "away!"), data=REASON),
    f"{MANDATE}withdraw/": step("mandate", by_sides("away!", "403")),
    f"{MANDATE}document/": step(
        "mandate", by_sides("away", "away", "away", "away"), foreign="login 404 404 404 404 away 404 away 404"
    ),
    f"{MANDATE}check/": step(
        "mandate", by_sides("403", "403", "away"), foreign="login 404 404 404 404 away 404 403 404"
    ),  # the client has an account
    f"{MANDATE}extend/": step(
        "current_mandate",
        by_sides("away!", "403"),
        more={"data": lambda world, kind: {"ends_on": timezone.localdate() + timedelta(days=60)}},
    ),
    f"{MANDATE}end/": step(
        "current_mandate",
        by_sides("away!", "away!", "away!"),
        foreign="login 404 404 404 404 away! 404 403 404",
        data=REASON,
    ),
    f"{MANDATE}contact/": step("current_mandate", by_sides("403", "away")),  # nobody is named
    "agencies/brokers/<public_id:public_id>/": {
        "about": "broker",
        "GET own": "200",
        "GET foreign": "200",
        "POST": "405",
    },
    "workbench/help/": {"GET": "login 403 200 200 200 200 200 200 403", "POST": POSTED},
    "workbench/help/new/": {
        "GET": "login 403 200 200 403 403 403 403 403",
        "POST": "login 403 422 422 403 403 403 403 403",
    },
    HELP: {
        "about": "help_request",
        "GET own": READS_OWN,
        "GET any": "login 404 404 200 200 200 200 200 404",
        "GET foreign": READS_FOREIGN,
        "POST": POSTED,
    },
    f"{HELP}accept/": step(
        "help_request", by_sides("403", "away!"), more={"POST any": "login 404 404 403 403 403 away! 403 404"}
    ),
    f"{HELP}decline/": step(
        "help_request",
        by_sides("403", "away!"),
        more={"POST any": "login 404 404 403 403 403 403 403 404"},
        data=REASON,
    ),
    f"{HELP}withdraw/": step(
        "help_request", by_sides("away!", "403"), more={"POST any": "login 404 404 away! 403 403 403 403 404"}
    ),
    f"{HELP}mandate/": step(
        "help_request", by_sides("403", "403"), more={"POST any": "login 404 404 403 403 403 403 403 404"}
    ),  # nobody has taken it
    f"{HELP}finish/": step(
        "help_request",
        by_sides("422", "403"),  # nobody has taken it
        more={"POST any": "login 404 404 422 403 403 403 403 404"},
        data=REASON,
    ),
    "workbench/pipeline/": {"GET": "login 403 403 403 403 403 200 403 403", "POST": POSTED},
    "workbench/pipeline/export/": {"GET": "login 403 403 403 403 403 200 403 403", "POST": POSTED},
    "workbench/pipeline/<slug:key>/": {
        "about": "pipeline_key",
        "data": lambda world, kind: {"text": "约见面", "due_on": timezone.localdate()},
        "GET": POSTED,
        "POST own": "login 403 403 403 403 403 away! 403 403",
        "POST foreign": "login 403 403 403 403 403 404 403 403",
    },
    "workbench/deals/<public_id:public_id>/commission/": {
        "about": "deal",  # without a mandate of its sides
        "GET": "login 404 404 404 404 404 404 404 404",
        "POST": "login 404 404 404 404 404 404 404 404",
    },
    COMMISSION: {"about": "commission", **ONLY_READ},
    f"{COMMISSION}agree/": step("commission", by_sides("away!", "403")),
    f"{COMMISSION}refuse/": step("commission", by_sides("away!", "403"), data=REASON),
    f"{COMMISSION}withdraw/": step("commission", by_sides("403", "away!")),
    f"{COMMISSION}confirm/": step("commission", by_sides("404", "404")),  # nothing is paid
    f"{COMMISSION}take_back/": step("commission", by_sides("404", "404")),
    f"{COMMISSION}change/": {
        "about": "commission",  # not agreed yet
        "GET own": "login 404 200 404 404 403 200 403 404",
        "GET foreign": SEEN_BY_CITY,
        "POST own": "login 404 422 404 404 403 422 403 404",
        "POST foreign": SEEN_BY_CITY,
    },
    f"{COMMISSION}paid/": step("commission", by_sides("422", "422")),
    "workbench/profiles/": {"GET": "login 403 403 403 403 403 200 403 403", "POST": POSTED},
    "workbench/profiles/<public_id:public_id>/": {
        "about": "profile",
        "GET own": "login 404 404 404 404 404 200 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "data": lambda world, kind: {"introduction": "专做轴承。", "takes_requests": "on"},
        "POST own": "login 404 404 404 404 404 away! 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/profiles/<public_id:public_id>/case/": {
        "about": "profile",
        "GET": POSTED,
        "POST own": "login 404 404 404 404 404 422 404 404",  # without the period of the case
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/cases/": {"GET": "login 403 200 200 403 403 403 403 403", "POST": POSTED},
    "workbench/cases/<public_id:public_id>/answer/": {
        "about": "profile_case",
        "GET": POSTED,
        "data": lambda world, kind: {"answer": "agree"},
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/cases/<public_id:public_id>/remove/": {
        "about": "profile_case",
        "GET": POSTED,
        "POST own": "login 404 404 404 404 404 away! 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
}
DESKS = {"brokerage.profilerevision": ("", "v", "v", "")}
ACTIONS = {"brokerage.profilerevision": {"accept give_back": (("city",), {})}}
