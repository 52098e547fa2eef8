"""Annual reports, income cases, price publicity and requests for evaluations: rows of both sides, and who gets what."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone

from annual_reports.models import AnnualReport, ReportFile, ReportVersion
from deals.income_links import token_of
from deals.models import IncomeCase, IncomeShare, PricePublicity
from mechanism.models import EvaluationRequest
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    tag = "甲" if mine else "乙"
    office = ("office",) if mine else ()
    today = timezone.localdate()
    side.annual_report = AnnualReport.objects.create(
        institution=side.institution,
        year=today.year,
        answers={"achieved": world.secret(f"报告草稿里的成效{tag}", *office)},
        filled_by=side.user,
    )
    side.handed_in = AnnualReport.objects.create(institution=side.institution, year=today.year - 1)
    version = ReportVersion.objects.create(
        report=side.handed_in,
        number=1,
        content={
            "figures": {},
            "answers": {"achieved": world.secret(f"报送的成效{tag}", *office, "city", "auditor")},
        },
    )
    words = world.secret(f"报送的文件{tag}", *office, "city", "auditor").encode()
    side.report_file = ReportFile(version=version, layout="national", name="报告.docx", content_type="application/pdf")
    side.report_file.file.save(f"report{tag}.docx", ContentFile(uploads.PDF + words))
    side.income_case = IncomeCase.objects.create(
        institution=side.institution,
        title=world.secret(f"许可的收入{tag}", *office, "anonymous"),
        way="licence",
        income_on=today,
        gross_wan=Decimal(100),
        made_by=side.user,
    )
    side.income_case.evidence.save(f"plan{tag}.pdf", ContentFile(uploads.PDF))
    side.income_share = IncomeShare.objects.create(
        case=side.income_case, name=world.secret(f"分配份额的人{tag}", *office, "anonymous"), amount_wan=Decimal(60)
    )
    district = ("district",) if mine else ()
    deal = make.deal(
        seller=side.institution,
        buyer=make.firm(region_code=side.region.code),
        name=world.secret(f"价格公示的项目{tag}", *office, *district, "city", "auditor"),
    )
    side.price_publicity = PricePublicity.objects.create(
        deal=deal,
        is_public=True,
        title=f"公示的成果{tag}",
        place="平台公示页",
        price_wan=Decimal(30),
        starts_on=today,
        ends_on=today + timedelta(days=15),
    )
    side.evaluation_request = EvaluationRequest.objects.create(
        achievement=side.offered,
        purpose="作价投资前",
        evidence="第三方检测报告",
        relations=world.secret(f"申报的回避关系{tag}", "city", "auditor", *office),
        science_weight=20,
        technology_weight=20,
        economy_weight=20,
        society_weight=20,
        culture_weight=20,
        asked_by=world.users["office"] if mine else side.user,
        due_on=today + timedelta(days=14),
    )


NAMED = {
    "income token": lambda world: {
        kind: SimpleNamespace(public_id=token_of(getattr(world, kind).income_share)) for kind in ("own", "foreign")
    }
}
NO_GET = "login 405 405 405 405 405 405 405 405"
OFFICE_SEES = "login 404 200 404 404 404 404 404 404"
OFFICE_AND_CITY = "login 404 200 404 404 200 404 200 404"
CITY_SEES = "login 404 404 404 404 200 404 200 404"
OFFICE_AWAY = "login 404 away 404 404 404 404 404 404"
NOBODY = "login 404 404 404 404 404 404 404 404"
ALL_LISTS = "login 200 200 200 200 200 200 200 200"
ANNUAL = "workbench/annual-reports/"
INCOME = "workbench/income/"

PAGES = {
    ANNUAL: {
        "GET": ALL_LISTS,
        "data": lambda world, kind: {"institution": world.own.institution.public_id, "year": "2020"},
        "POST": "login 404 away! 404 404 404 404 404 404",
    },
    f"{ANNUAL}files/<public_id:public_id>/download/": {
        "about": "report file",
        "GET own": OFFICE_AND_CITY,
        "GET foreign": CITY_SEES,
        "POST": NO_GET,
    },
    f"{ANNUAL}<public_id:public_id>/": {
        "about": "annual report",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    f"{ANNUAL}<public_id:public_id>/answers/": {
        "about": "annual report",
        "data": lambda world, kind: {"revision": "1", "q-staff": "三"},
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST own": "login 404 422 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    f"{ANNUAL}<public_id:public_id>/step/": {
        "about": "annual report",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "submit"},
        "POST own": OFFICE_AWAY,  # its questions are not answered
        "POST foreign": NOBODY,
    },
    f"{ANNUAL}<public_id:public_id>/draft/download/": {
        "about": "annual report",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    f"{ANNUAL}<public_id:public_id>/rows/": {
        "about": "annual report",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "workbench/registration-forms/": {
        "GET": ALL_LISTS,
        "data": lambda world, kind: {"chosen": world.own.offered.public_id},
        "POST": "login 404 200! 404 404 404 404 404 404",
    },
    "workbench/achievements/<public_id:public_id>/registration-form/download/": {
        "about": "offered achievement",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "income/<slug:token>/": {
        "about": "income token",
        "GET": "200",
        "data": lambda world, kind: {"amount": "60.00", "answer": "confirm"},
        "POST own": "away! 403 away! 403 403 403 403 403 403",
        "POST foreign": "away! 403 403 403 403 403 403 403 403",
    },
    INCOME: {
        "GET": ALL_LISTS,
        "POST": "login 404 422 404 404 404 404 404 404",
    },
    f"{INCOME}mine/": {"GET": ALL_LISTS, "POST": NOBODY},
    f"{INCOME}<public_id:public_id>/": {
        "about": "income case",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST own": "login 404 422 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    f"{INCOME}<public_id:public_id>/step/": {
        "about": "income case",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "link", "share": getattr(world, kind).income_share.public_id},
        "POST own": "login 404 away! 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    f"{INCOME}<public_id:public_id>/plan/download/": {
        "about": "income case",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST": NO_GET,
    },
    "price-publicity/": {"GET": "200", "POST": "405"},
    "price-publicity/<public_id:public_id>/": {
        "about": "price publicity",
        "GET": "200",
        "data": lambda world, kind: {"who": "某人", "contact": "a@example.cn", "text": "价格明显低于同类成果的成交价"},
        "POST": "away!",
    },
    "workbench/price-publicity/": {"GET": ALL_LISTS, "POST": NO_GET},
    "workbench/evaluations/": {"GET": ALL_LISTS, "POST": NO_GET},
    "workbench/achievements/<public_id:public_id>/evaluation/": {
        "about": "offered achievement",
        "GET own": OFFICE_SEES,
        "GET foreign": NOBODY,
        "POST own": "login 404 422 404 404 404 404 404 404",
        "POST foreign": NOBODY,
    },
    "workbench/evaluations/<public_id:public_id>/": {
        "about": "evaluation request",
        "GET own": OFFICE_AND_CITY,
        "GET foreign": CITY_SEES,
        "POST": NO_GET,
    },
    "workbench/evaluations/<public_id:public_id>/step/": {
        "about": "evaluation request",
        "GET": NO_GET,
        "data": lambda world, kind: {"step": "decline", "reason": "请先补充检测报告"},
        "POST own": "login 404 403 404 404 away! 404 403 404",
        "POST foreign": "login 404 404 404 404 away! 404 403 404",
    },
}
