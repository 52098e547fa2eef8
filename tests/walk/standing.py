"""What the walk finds of changes that wait for a review, and what each role gets there."""

from achievements.models import AchievementRevision
from demands.models import DemandRevision
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A published demand with a change that waits for the district."""
    tag = "甲" if mine else "乙"
    firm, district = (("firm",), ("district",)) if mine else ((), ())
    new = world.secret(f"还没批准的新内容{tag}", *firm, *district, "city", "auditor")
    side.changed_demand = make.demand(
        title=f"改动中的需求{tag}", firm=side.firm, is_anonymous=True, public_alias="某企业"
    )
    officer = world.users["firm"] if mine else make.firm_officer(side.firm)
    side.demandrevision = DemandRevision.objects.create(
        demand=side.changed_demand, before={"goal": ""}, after={"goal": new}, proposed_by=officer
    )
    office = ("office",) if mine else ()
    side.achievementrevision = AchievementRevision.objects.create(
        achievement=side.offered,
        before={"scenario": ""},
        after={"scenario": world.secret(f"还没批准的应用场景{tag}", *office, "city", "auditor")},
        proposed_by=side.user,
    )


PAGES = {
    "workbench/demands/<public_id:public_id>/revise/": {
        "about": "changed_demand",
        "data": lambda world, kind: {"title": "只填了名称"},
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 404 422 403 403 404 403 404",  # only the firm proposes changes
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/demands/<public_id:public_id>/do/": {
        "about": "changed_demand",
        "data": lambda world, kind: {"action": "pause", "pause-reason": "产线检修"},
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 away! 403 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
}
DRAFTS = {"achievement": "draft", "demand": "draft_demand"}
for _name, _who in (
    ("achievement", "login 404 away! 404 404 404 404 404 404"),
    ("demand", "login 404 404 away! 404 404 404 404 404"),
):
    PAGES |= {
        f"workbench/{_name}s/steps/": {
            "GET": "login 405 405 405 405 405 405 405 405",
            "data": lambda world, kind, name=_name: {
                "step": "submit",
                "confirmed": "1",
                "chosen": [getattr(getattr(world, kind), DRAFTS[name]).public_id],
            },
            "POST own": _who,
            "POST foreign": "login 404 404 404 404 404 404 404 404",
        },
        f"workbench/{_name}s/export/": {
            "GET": "login 200 200 200 200 200 200 200 200",  # of one's own organisations only
            "POST": "login 405 405 405 405 405 405 405 405",
        },
    }
PAUSED = {"published": True, "status": "paused", "paused_from": "published", "status_reason": "检修"}
DESKS = {"demands.demandrevision": ("v*", "v", "v", ""), "achievements.achievementrevision": ("", "v", "v", "")}
ACTIONS = {
    "demands.demandrevision": {"accept give_back": (("district", "city"), {})},
    "achievements.achievementrevision": {"accept give_back": (("city",), {})},
}
