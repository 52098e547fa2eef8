"""What the walk finds of answers to demands, of ready pairs and of the pages of institutions, and what each role gets.

The demand is anonymous: the institution that answers it must not find the firm's name. Other institutions must not find
the offer.
"""

from enquiries.services.answers import OfferDetails, answer_demand
from enquiries.services.staff_steps import add_note
from tests import factories as make

TEXT = "可以先打样，再上线试一个月。"


def plant(world, side, *, mine: bool) -> None:
    """An answer with an achievement and a free one to an anonymous demand, each with an offer, and a note of staff."""
    tag = "甲" if mine else "乙"
    district = ("district",) if mine else ()
    sides = ("office", "firm", *district) if mine else ()
    side.answered_demand = make.demand(
        title=f"被应答的匿名需求{tag}", firm=side.firm, is_anonymous=True, public_alias=f"某轴承企业{tag}"
    )

    def answer(text: str, achievement=None):
        details = OfferDetails(method=world.secret(f"只给企业看的办法{tag}{text}", *sides, "city", "auditor"))
        sent = {"institution": side.institution, "achievement": achievement, "details": details, "by": side.user}
        return answer_demand(
            side.answered_demand, text=world.secret(f"{text}{tag}，报价另附", *sides, "city", "auditor"), **sent
        )

    side.answer = answer("用成果应答", side.offered)
    side.free_answer = answer("直接提方案")
    note = world.secret(f"专员之间的备注{tag}", *district, "city", "auditor")
    add_note(side.answer, text=note, by=world.users["city"])


ONLY_POSTED = "login 405 405 405 405 405 405 405 405"
AT = "workbench/approaches/<public_id:public_id>/"
PAGES = {
    "institutions/": {"GET": "200", "POST": "405"},
    "institutions/<public_id:public_id>/": {"about": "institution", "GET": "200", "POST": "405"},
    "industries/": {"GET": "200", "POST": "405"},
    "industries/<slug:slug>/": {"about": "industry", "GET": "200", "POST": "405"},
    "districts/": {"GET": "200", "POST": "405"},
    "districts/<slug:code>/": {"about": "region", "GET": "200", "POST": "405"},
    "workbench/ready-pairs/": {"GET": "login 403 403 403 200 200 403 200 403", "POST": ONLY_POSTED},
    "workbench/demands/<public_id:public_id>/answer/": {
        "about": "matched demand",
        "GET": "login 403 200 403 403 403 403 403 403",
        "data": lambda world, kind: {"item": "free", "text": TEXT},
        "POST": "login 403 away! 403 403 403 403 403 403",
    },
    "workbench/demands/<public_id:public_id>/answers/": {
        "about": "answered_demand",
        "GET own": "login 404 404 200 200 200 404 200 404",  # not the institution: it sees its own answer only
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": ONLY_POSTED,
    },
    f"{AT}decline/": {
        "about": "answer",
        "GET own": "login 404 404 200 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "data": lambda world, kind: {"reason": "price"},
        "POST own": "login 404 404 away! 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    f"{AT}achievement/": {
        "about": "free_answer",
        "GET own": "login 404 200 404 404 404 404 404 404",
        "GET foreign": "login 404 404 404 404 404 404 404 404",
        "data": lambda world, kind: {"title": "对接用", "lead_person": "示例人", "form": "process", "stage": "early"},
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    f"{AT}note/": {
        "about": "answer",
        "GET": ONLY_POSTED,
        "data": lambda world, kind: {"text": "谈完问一下"},
        "POST own": "login 403 403 403 away! away! 403 403 403",
        "POST foreign": "login 403 403 403 404 away! 403 403 403",
    },
    f"{AT}broker/": {  # without saying which
        "about": "answer",
        "GET": ONLY_POSTED,
        "POST own": "login 403 403 403 away away 403 away 403",
        "POST foreign": "login 403 403 403 404 away 403 away 403",
    },
}
