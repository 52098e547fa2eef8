"""What the walk finds of 专项资金 and of the projects of funds, and what each role gets there."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone

from mechanism.models import (
    Expert,
    Fund,
    FundProject,
    FundProjectStep,
    Policy,
    SubsidyApplication,
    SubsidyBudget,
    SubsidyCall,
    SubsidyFile,
    SubsidyReview,
)
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A budget, an open call, an application in review with a file and an expert, and a publicised grant."""
    tag, today, now = "甲" if mine else "乙", timezone.localdate(), timezone.now()
    known = (*(("office",) if mine else ()), "city", "auditor")
    policy = Policy.objects.create(
        title=f"资金政策{tag}", source="公开报道", summary="支持。", valid_from=today, published_at=now
    )
    side.subsidybudget = SubsidyBudget.objects.create(policy=policy, year=today.year, amount_wan=100, basis="批复")
    side.subsidycall = SubsidyCall.objects.create(
        budget=side.subsidybudget,
        title=f"申报通知{tag}",
        content="支持转化",
        audience="institution",
        opens_on=today,
        closes_on=today + timedelta(days=9),
        ceiling_wan=50,
        rate_percent=50,
        rate_basis="cost",
        status="published",
        published_at=now,
    )
    officer = make.city_officer()
    values = {
        "call": side.subsidycall,
        "organisation": side.institution,
        "created_by": side.user,
        "basis_wan": Decimal(60),
        "requested_wan": Decimal(30),
        "ceiling_wan": Decimal(30),
        "submitted_at": now,
        "accepted_at": now,
        "accepted_by": officer,
    }
    side.subsidyapplication = SubsidyApplication.objects.create(
        title=f"没有公示的项目{tag}",
        content="内容",
        achievement=side.draft,
        status="review",
        **values,
    )
    side.subsidy_file = SubsidyFile.objects.create(
        application=side.subsidyapplication,
        material="合同",
        name="合同.pdf",
        content_type="application/pdf",
        size=4,
        sha256="0" * 64,
        added_by=side.user,
    )
    side.subsidy_file.file.save("walk.pdf", ContentFile(world.secret(f"材料内容{tag}", *known).encode()))
    expert = Expert.objects.create(name=f"资金专家{tag}", unit="沈阳某研究院")
    review = SubsidyReview.objects.create(application=side.subsidyapplication, expert=expert, due_on=today)
    side.subsidy_expert = SimpleNamespace(public_id=review.code)
    side.subsidy_grant = SubsidyApplication.objects.create(
        title=f"公示的项目{tag}",
        content=world.secret(f"公示项目的内容{tag}", *known),
        status="publicised",
        achievement=side.offered,
        granted_wan=20,
        decided_by=world.users["city"],
        decided_at=now,
        decision_reason="同意",
        public_until=today + timedelta(days=5),
        **values,
    )
    # Run by the agency of this side, so that the broker of the own side works on it.
    fund = Fund.objects.create(
        name=f"有管理机构的基金{tag}",
        kind="angel",
        manager="示例",
        subscribed_wan=100,
        valid_from=today,
        organisation=side.agency.organisation,
    )
    seeking = make.achievement(institution=side.institution, title=f"寻求资金的成果{tag}", funds_needed_wan=300)
    side.seeking_achievement = seeking
    side.fundproject = FundProject.objects.create(fund=fund, achievement=seeking)
    note = world.secret(f"尽调前的意见{tag}", *(("broker",) if mine else ()), "city", "auditor")
    FundProjectStep.objects.create(project=side.fundproject, stage="seen", note=note, by=world.users["city"])


SIGNED_IN = "login away! away! away! away! away! away! away! away!"
READ = "login login login login 403 200 login 200 403"
OWN = "login 404 200 404 404 404 404 404 404"
NONE = "login 404 404 404 404 404 404 404 404"
NO_POST = "login 405 405 405 405 405 405 405 405"
FUNDS = "login 403 403 403 403 200 200 200 403"
PAGES = {
    "workbench/funds/": {"GET": FUNDS, "POST": NO_POST},
    "workbench/funds/achievements/": {"GET": "login 403 403 403 403 403 200 403 403", "POST": NO_POST},
    "workbench/funds/<public_id:public_id>/mark/": {
        "about": "public fund",
        "data": lambda world, kind: {"achievement": world.open.achievement.public_id},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": NONE,  # a fund without managers; with them see tests/mechanism/test_funds.py
    },
    "workbench/funds/projects/<public_id:public_id>/": {
        "about": "public fundproject",
        "GET own": "login 404 404 404 404 200 200 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": NO_POST,
    },
    "workbench/funds/projects/<public_id:public_id>/step/": {
        "about": "public fundproject",
        "data": lambda world, kind: {"step": "advance", "advance-note": "继续"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 404 404 403 away! 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "subsidies/": {"GET": "200", "POST": "405"},
    "subsidies/<public_id:public_id>/": {"about": "public subsidy_grant", "GET": "200", "POST": "405"},
    "subsidies/<public_id:public_id>/object/": {
        "about": "public subsidy_grant",
        "data": lambda world, kind: {"text": "这份合同没有实际履行，请核实。"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST": SIGNED_IN,
    },
    "subsidies/review/<public_id:code>/": {
        "about": "public subsidy_expert",
        "data": lambda world, kind: {"step": "recuse", "reason": "与申报单位有合作"},
        "GET": "200",  # whoever has the code
        "POST": "away!",
    },
    "subsidies/review/<public_id:code>/file/": {
        "about": "public subsidy_expert",
        "GET": "404",  # without the id of a file; with it see tests/mechanism/test_subsidies.py
        "POST": "405",
    },
    "workbench/subsidies/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": NO_POST},
    "workbench/subsidies/board/": {"GET": "login 403 403 403 403 200 403 200 403", "POST": NO_POST},
    "workbench/subsidies/calls/<public_id:public_id>/": {
        "about": "public subsidycall",
        "data": lambda world, kind: {"unit": world.own.institution.public_id},
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 404 away! 404 404 404 404 404 404",
    },
    "workbench/subsidies/files/<public_id:public_id>/": {
        "about": "public subsidy_file",
        "GET own": "login 404 200 404 404 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": NO_POST,
    },
    "workbench/subsidies/<public_id:public_id>/": {
        "about": "public subsidyapplication",
        "GET own": OWN,
        "GET foreign": NONE,
        "POST": NO_POST,
    },
    "workbench/subsidies/<public_id:public_id>/step/": {
        "about": "public subsidyapplication",
        "data": lambda world, kind: {"step": "withdraw", "reason": "改期再申报"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": NONE,
    },
    "admin/mechanism/subsidyapplication/page/<slug:public_id>/": {
        "about": "public subsidyapplication",
        "GET": READ,
        "POST": "login login login login 405 405 login 405 405",
    },
    "admin/mechanism/subsidyapplication/page/<slug:public_id>/step/": {
        "about": "public subsidyapplication",
        "data": lambda world, kind: {
            "step": "release",
            "release-review": SubsidyReview.objects.get(application=getattr(world, kind).subsidyapplication).pk
            if kind
            else "",
            "release-reason": "换一位专家",
        },
        "GET": "login login login login 405 405 login 405 405",
        "POST own": "login login login login 403 away! login 403 403",
        "POST foreign": "login login login login 403 away! login 403 403",
    },
    "admin/mechanism/subsidyapplication/<path:object_id>/open_page/": {
        "about": "subsidyapplication",
        "GET": "login login login login 403 away login away 403",
    },
}
DESKS = {
    "mechanism.subsidybudget": ("", "vac", "v", ""),
    "mechanism.subsidycall": ("", "va", "v", ""),  # changed only while it is a draft
    "mechanism.subsidyapplication": ("", "v", "v", ""),
}
ACTIONS = {
    "mechanism.subsidycall": {
        "publish": (("city",), {"status": "draft", "published_at": None}),
        "prolong": (("city",), {}),
        "cancel": (("city",), {"status": "draft", "published_at": None}),
    },
}
