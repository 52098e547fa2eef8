"""What the walk finds of enquiries, and what each role gets there.

The firm is anonymous in its enquiry: the office that answers must not find the firm's name, which is planted.
"""

from datetime import timedelta

from django.utils import timezone

from enquiries.services.clock import run_clock
from enquiries.services.talks import choose_time, propose_times
from enquiries.services.thread import post_message
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    """An anonymous enquiry, answered with a file and with a time that both chose; another one that is late."""
    tag = "甲" if mine else "乙"
    sides = ("office", "firm", "district") if mine else ()
    officer = world.users["firm"] if mine else make.firm_officer(side.firm)
    asked = {"achievement": side.offered, "firm": side.firm, "by": officer, "is_anonymous": True}
    side.approach = make.approach(text=world.secret(f"只给院校看的问题{tag}", *sides, "city", "auditor"), **asked)
    name = world.secret(f"技术附件{tag}.pdf", *sides, "city", "auditor")
    answer = world.secret(f"只给企业看的答复{tag}", *sides, "city", "auditor")
    message = post_message(side.approach, text=answer, by=side.user, uploads=[(name, uploads.PDF)])
    side.approach_file = message.files.get()
    starts = [timezone.now() + timedelta(days=days) for days in (2, 3)]
    place = world.secret(f"约在{tag}号楼见面", *sides, "city", "auditor")
    side.talk_time = propose_times(side.approach, starts=starts[:1], minutes=60, place=place, by=side.user)[0]
    choose_time(side.talk_time, by=officer)
    other = make.achievement(title=f"另一项在库成果{tag}", institution=side.institution)
    side.late_approach = make.approach(**asked | {"achievement": other})
    side.late_approach.answer_due_on = timezone.localdate() - timedelta(days=1)
    side.late_approach.save(update_fields=["answer_due_on"])
    side.offered_time = propose_times(side.late_approach, starts=starts, minutes=60, place="会议室", by=officer)[0]
    run_clock()


READS_OWN = "login 404 200 200 200 200 404 200 404"
READS_FOREIGN = "login 404 404 404 404 200 404 200 404"
ONLY_POSTED = "login 405 405 405 405 405 405 405 405"
ONLY_READ = {"GET own": READS_OWN, "GET foreign": READS_FOREIGN, "POST": ONLY_POSTED}
BY_SIDES = "login 404 {office} {firm} 403 403 404 403 404"
TO_NOBODY = "login 404 404 404 404 403 404 403 404"
AT = "workbench/approaches/<public_id:public_id>/"


def step(own: str, *, data: dict | None = None, about: str = "late_approach") -> dict:
    """A step that the sides of an own approach take, as `own` says for all roles."""
    page = {"about": about, "GET": ONLY_POSTED, "POST own": own, "POST foreign": TO_NOBODY}
    return page | ({"data": lambda world, kind: data} if data else {})


PAGES = {
    "achievements/<public_id:public_id>/enquire/": {
        "about": "public achievement",
        "GET open": "200",
        "GET own": "404",  # not published, so nobody can ask about it
        "data": lambda world, kind: {"purpose": "adopt", "text": "厂房层高六米，放得下吗？", "firm": world.own.firm.pk},
        "POST open": "login 422 422 away! 422 422 422 422 422",
        "POST own": "404",
    },
    "workbench/approaches/": {
        "GET": "login 403 200 200 200 200 403 200 403",
        "POST": ONLY_POSTED,
    },
    AT: {"about": "approach", **ONLY_READ},
    f"{AT}message/": step(
        BY_SIDES.format(office="away!", firm="away!"), data={"message-text": "请先说明工况。"}, about="approach"
    ),
    f"{AT}times/": step(BY_SIDES.format(office="422", firm="422"), data={"times-place": "会议室"}, about="approach"),
    f"{AT}dock/": step(BY_SIDES.format(office="422", firm="422"), data={"dock-contact": "new"}),
    f"{AT}end/": step(BY_SIDES.format(office="away!", firm="away!"), data={"end-reason": "timing"}),
    f"{AT}block/": step(BY_SIDES.format(office="away!", firm="403"), data={"block-reason": "反复推销"}),
    f"{AT}read/": {
        "about": "late_approach",
        "GET": ONLY_POSTED,
        "POST own": "login 404 away! away away away 404 away 404",  # staff read without a trace
        "POST foreign": "login 404 404 404 404 away 404 away 404",
    },
    f"{AT}retract/": step(BY_SIDES.format(office="away", firm="away")),
    f"{AT}name/": step(BY_SIDES.format(office="403", firm="away!")),
    f"{AT}remind/": {
        "about": "late_approach",
        "GET": ONLY_POSTED,
        "POST own": "login 404 403 403 away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    f"{AT}unblock/": {
        "about": "late_approach",
        "GET": ONLY_POSTED,
        "POST own": "login 404 away away away away 404 away 404",  # nothing is blocked
        "POST foreign": "login 404 404 404 404 away 404 away 404",
    },
    "workbench/approaches/files/<public_id:public_id>/": {"about": "approach_file", **ONLY_READ},
    "workbench/talks/<public_id:public_id>/choose/": step(
        BY_SIDES.format(office="away!", firm="403"), about="offered_time"
    ),
    "workbench/talks/<public_id:public_id>/cancel/": step(
        BY_SIDES.format(office="away!", firm="away!"), about="talk_time"
    ),
    "workbench/talks/<public_id:public_id>.ics": {"about": "talk_time", **ONLY_READ},
}
