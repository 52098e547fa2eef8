"""What the walk finds of demands that are not public in full, and what each role gets there."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from demands.models import AgreementCopy, DemandFile
from demands.models.disclosure import Undertaking
from demands.services.files import add_demand_file, upload_agreement_copy
from tests import factories as make
from tests.demands.disclosed import pdf


def plant(world, side, *, mine: bool) -> None:
    """A demand with a teaser and a file, an undertaking, and an agreement of sides that know each other."""
    tag = "甲" if mine else "乙"
    firm, district, office = (("firm",), ("district",), ("office",)) if mine else ((), (), ())
    knowers = (*firm, *district, "city", "auditor")
    officer = world.users["firm"] if mine else make.firm_officer(side.firm)
    side.teaser_demand = make.demand(
        title=f"只公开摘要的需求{tag}",
        firm=side.firm,
        is_anonymous=True,
        public_alias=f"某企业{tag}",
        problem=world.secret(f"不公开的细节{tag}", *knowers),
        disclosure="teaser",
        teaser="寻找表面处理办法",
    )
    side.demand_file = add_demand_file(
        side.teaser_demand,
        content=pdf(),
        name=world.secret(f"图纸{tag}.pdf", *knowers),
        audience=DemandFile.Audience.UNDERTAKING,
        by=officer,
    )
    # Signed in an older version: it has no effect.
    side.undertaking = Undertaking.objects.create(
        organisation=side.institution, version="old", signed_by=side.user, valid_until=timezone.localdate()
    )
    side.agreed = side.check.follow_up
    demand = side.agreed.match.demand
    side.agreement_copy = upload_agreement_copy(
        demand,
        side.institution,
        content=pdf(),
        name=world.secret(f"保密协议{tag}.pdf", *office, *district, "city", "auditor"),
        by=side.user,
    )
    assert AgreementCopy.objects.filter(side="institution", agreement__demand=demand).exists()


PAGES = {
    "demands/files/<public_id:public_id>/download/": {
        "about": "demand_file",
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/demands/<public_id:public_id>/files/": {
        "about": "teaser demand",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"file": SimpleUploadedFile("样品.pdf", pdf(2)), "audience": "undertaking"},
        "POST own": "login 404 404 away! 403 403 404 403 404",  # only the firm discloses
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/demand-files/<public_id:public_id>/remove/": {
        "about": "demand_file",
        "GET": "login 405 405 405 405 405 405 405 405",
        "POST own": "login 404 404 away! away! away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
    "workbench/demands/<public_id:public_id>/readers/": {
        "about": "teaser demand",
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/undertaking/": {
        "GET": "login 403 200 403 403 403 200 403 403",
        "data": lambda world, kind: {"organisation": world.own.institution.public_id, "has_read": "1"},
        "POST": "login 403 away! 403 403 403 404 403 403",
    },
    "workbench/undertaking/end/": {
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"organisation": world.own.institution.public_id, "reason": "不再需要"},
        "POST": "login 403 away! 403 403 403 404 403 403",
    },
    "workbench/follow-ups/<public_id:public_id>/agreement/": {
        "about": "agreed",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"file": SimpleUploadedFile("协议.pdf", pdf())},
        "POST own": "login 404 away! 404 403 403 404 403 404",  # each side for itself
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/follow-ups/<public_id:public_id>/agreement/end/": {
        "about": "agreed",
        "GET": "login 405 405 405 405 405 405 405 405",
        "data": lambda world, kind: {"reason": "合作结束"},
        "POST own": "login 404 away! 404 403 403 404 403 404",
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/agreements/<public_id:public_id>/": {
        "about": "agreement_copy",
        "GET own": "login 404 200 404 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
}
DESKS = {
    #                         district  city   auditor  sysadmin
    "demands.undertaking": ("", "v", "v", ""),
}
ACTIONS = {
    "demands.undertaking": {"end": (("city",), {}), "allow": (("city",), {"is_barred": True})},
}
