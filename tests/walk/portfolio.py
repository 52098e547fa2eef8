"""What the walk finds of the table of achievements, of bulk edits and renewals, and what each role gets there."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from portfolio.models import BulkEdit, BulkEditRow, RenewalAnswer, RenewalCampaign, RenewalRequest
from portfolio.renewal_links import token_of
from subscriptions.models import SavedView
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """A saved view, a bulk edit, and a campaign with two links: one waits, the other was answered with a correction."""
    tag, user = ("甲", world.users["office"]) if mine else ("乙", side.user)
    office = ("office",) if mine else ()
    side.table_view = SavedView.objects.create(
        user=user, page="my_achievements", name=world.secret(f"成果视图{tag}", *office), query="q=a"
    )
    side.bulk_edit = BulkEdit.objects.create(fields=["college"], made_by=user)
    BulkEditRow.objects.create(
        bulk_edit=side.bulk_edit, achievement=side.offered, before={"college": ""}, after={"college": "化工学院"}
    )
    now = timezone.now()
    side.renewal_campaign = RenewalCampaign.objects.create(
        institution=side.institution,
        closes_on=timezone.localdate() + timedelta(days=9),
        note=f"给完成人的话{tag}",
        made_by=user,
    )
    side.renewal_request = RenewalRequest.objects.create(campaign=side.renewal_campaign)
    side.waiting_answer = RenewalAnswer.objects.create(
        request=side.renewal_request, achievement=make.achievement(title=f"核对{tag}", institution=side.institution)
    )
    other = RenewalRequest.objects.create(campaign=side.renewal_campaign)
    side.renewal_answer = RenewalAnswer.objects.create(
        request=other,
        achievement=side.offered,
        status="corrected",
        after={"summary": world.secret(f"完成人更正的简介{tag}", *office)},
        answered_at=now,
    )


NAMED = {
    "renewal token": lambda world: {
        kind: SimpleNamespace(public_id=token_of(getattr(world, kind).renewal_request)) for kind in ("own", "foreign")
    }
}
NO_GET = "login 405 405 405 405 405 405 405 405"
OFFICE_SEES = "login 404 200 404 404 404 404 404 404"
OFFICE_ONLY = "login 404 away! 404 404 404 404 404 404"
NOBODY = "login 404 404 404 404 404 404 404 404"
ALL_LISTS = "login 200 200 200 200 200 200 200 200"


def _chosen(world, _kind):
    return {"chosen": world.own.offered.public_id, "field": "college"}


PAGES = {
    "renewals/<slug:token>/": {
        "about": "renewal token",
        "GET": "200",
        "data": lambda world, kind: {"item": getattr(world, kind).waiting_answer.public_id, "answer": "valid"},
        "POST own": "away! away! away! 403 403 403 403 403 403 403",  # "nobody" has a delegation here
        "POST foreign": "away! 403 403 403 403 403 403 403 403",
    },
    "workbench/achievements/views/save/": {
        "GET": NO_GET,
        "data": lambda world, kind: {"name": "快到期的", "fresh": "expiring"},
        "POST": "login away! away! away! away! away! away! away! away!",
    },
    "workbench/achievements/views/<public_id:public_id>/remove/": {
        "about": "table view",
        "GET": NO_GET,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/achievements/bulk/": {
        "GET": NO_GET,
        "data": _chosen,
        "POST": "login 404 200 404 404 404 404 404 404",
    },
    "workbench/bulk-edits/<public_id:public_id>/undo/": {
        "about": "bulk edit",
        "GET": NO_GET,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/achievements/<public_id:public_id>/cell/": {
        "about": "offered achievement",
        "data": lambda world, kind: {"college": "化工学院"},
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST own": "login 404 422 404 404 404 404 404 404",  # without the version that the page showed
        "POST foreign": NOBODY,
    },
    "workbench/achievements/<public_id:public_id>/file/": {
        "about": "offered achievement",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "workbench/achievements/<public_id:public_id>/patents/": {
        "about": "offered achievement",
        "GET": NO_GET,
        "data": lambda world, kind: {"number": "ZL1", "state": "granted"},
        "POST own": "login 404 away 404 404 404 404 404 404",  # the achievement has no such patent
        "POST foreign": NOBODY,
    },
    "workbench/achievements/<public_id:public_id>/consents/": {
        "about": "offered achievement",
        "GET": NO_GET,
        "data": lambda world, kind: {"who": "0", "name": "示例人", "step": "give"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/renewals/": {"GET": ALL_LISTS, "POST": NO_GET},
    "workbench/renewals/new/": {"GET": NO_GET, "data": _chosen, "POST": "login 404 200 404 404 404 404 404 404"},
    "workbench/renewals/answers/": {"GET": ALL_LISTS, "POST": NO_GET},
    "workbench/renewals/answers/valid/": {
        "GET": NO_GET,
        "POST": "login away away away away away away away away",  # nothing of anybody is 仍有效
    },
    "workbench/renewals/answers/<public_id:public_id>/": {
        "about": "renewal answer",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "aside", "reason": "已电话核对"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/renewals/links/<public_id:public_id>/": {
        "about": "renewal request",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "replace"},
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
    "workbench/renewals/<public_id:public_id>/": {
        "about": "renewal campaign",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "workbench/renewals/<public_id:public_id>/end/": {
        "about": "renewal campaign",
        "GET": NO_GET,
        "POST own": OFFICE_ONLY,
        "POST foreign": NOBODY,
    },
}
