"""What the walk finds on the pages of the mechanism, and what each role gets there."""

from datetime import date

from django.utils import timezone

from mechanism.models import Base, BaseRequest, Fund, Measure, Minutes, Policy, Task, Venture
from mechanism.services.evidence import add_file
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    """One row of each kind for a side of the world, with words that only some may read."""
    tag = "甲" if mine else "乙"
    district = ("district",) if mine else ()
    side.task = Task.objects.get(number=1 if mine else 2)
    side.minutes = Minutes.objects.create(
        title=f"推进会{tag}", held_on=date(2026, 9, 1), text=world.secret(f"纪要正文{tag}", "city", "auditor")
    )
    authority = make.organisation("district", f"{side.region.name}科技局", stat_region=side.region)
    side.measure = Measure.objects.create(
        task=side.task,
        title=world.secret(f"交办的举措{tag}", *district, "city", "auditor"),
        organisation=authority,
        minutes=side.minutes,
    )
    words = world.secret(f"佐证内容{tag}", *district, "city", "auditor").encode()
    side.evidence = add_file(side.measure, content=uploads.PDF + words, name="佐证.pdf", by=world.users["city"])
    side.policy = Policy.objects.create(
        title=f"政策{tag}",
        source="公开报道",
        summary="给予支持。",
        valid_from=date(2025, 1, 1),
        published_at=timezone.now(),
    )
    name = world.secret(f"蓝湾天使基金{tag}", "city", "auditor")
    side.fund = Fund.objects.create(
        name=name,
        kind="angel",
        manager="示例管理公司",
        subscribed_wan=10000,
        paid_in_wan=5000,
        valid_from=date(2025, 1, 1),
    )
    side.base = Base.objects.create(name=f"中试基地{tag}", kind="pilot", organisation=side.agency.organisation)
    asker = ("office", "broker") if mine else ()
    side.base_request = BaseRequest.objects.create(
        base=side.base,
        organisation=side.institution,
        what=world.secret(f"要放大的配方{tag}", *asker, "city", "auditor"),
        asked_by=side.user,
    )
    office = ("office",) if mine else ()
    side.venture = Venture.objects.create(
        name=world.secret(f"大连新创{tag}科技有限公司", *office, *district, "city", "auditor"),
        achievement=side.offered,
        region=side.region,
    )


READ = "login login login login 200 200 login 200 403"
POSTED = "login login login login 405 405 login 405 405"
PAGES = {
    "admin/mechanism/task/board/": {"GET": READ, "POST": "login login login login 405 405 login 405 405"},
    "admin/mechanism/measure/page/<slug:public_id>/": {
        "about": "public measure",
        "GET own": READ,
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST": POSTED,
    },
    "admin/mechanism/measure/page/<slug:public_id>/step/": {
        "about": "public measure",
        "data": lambda world, kind: {"step": "report", "report-text": "已完成摸底"},
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login away! away! login 403 403",
        "POST foreign": "login login login login 404 away! login 403 403",
    },
    "admin/mechanism/measure/evidence/<slug:public_id>/": {
        "about": "evidence",
        "GET own": READ,
        "GET foreign": "login login login login 404 200 login 200 403",
        "POST": POSTED,
    },
    "admin/mechanism/measure/<path:object_id>/open_page/": {
        "about": "measure",
        "GET own": "login login login login away away login away 403",
        "GET foreign": "login login login login 404 away login away 403",
    },
    "admin/mechanism/minutes/split/<slug:public_id>/": {
        "about": "public minutes",
        "GET": "login login login login 403 200 login 403 403",
        "POST": "login login login login 403 422 login 403 403",
    },
    "admin/mechanism/minutes/<path:object_id>/split/": {
        "about": "minutes",
        "GET": "login login login login 403 away login 403 403",
    },
    "policies/": {"GET": "200", "POST": "405"},
    "policies/<public_id:public_id>/": {"about": "public policy", "GET": "200", "POST": "405"},
    "workbench/policies/<public_id:public_id>/": {
        "about": "public policy",
        "GET": "login 403 200 200 403 403 403 403 403",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/policies/<public_id:public_id>/export/": {
        "about": "public policy",
        "GET": "login 403 200! 200! 403 403 403 403 403",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "bases/": {"GET": "200", "POST": "405"},
    "bases/<public_id:public_id>/": {"about": "public base", "GET": "200", "POST": "405"},
    "bases/<public_id:public_id>/ask/": {
        "about": "public base",
        "data": lambda world, kind: {"organisation": world.own.institution.public_id, "what": "放大 5 公斤"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": "login 403 away! 422 403 403 403 403 403",
    },
    "workbench/base-requests/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/base-requests/<public_id:public_id>/": {
        "about": "baserequest",
        "data": lambda world, kind: {"answer": "accept"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 403 404 404 away! away! 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
}
