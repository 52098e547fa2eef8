"""What the walk finds of the integrity check, and what each role gets there."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from integrity.models import Case, CaseRow, Explanation, Ownership, RegisteredDetails, SignalRule
from tests import factories as make
from tests.achievements import uploads


def plant(world, side, *, mine: bool) -> None:
    """A case about a contract of the firm, with a question to it, and one that it has answered with a file."""
    tag = "甲" if mine else "乙"
    firm = side.firm if mine else make.firm(f"大连被问{tag}有限公司", region_code=side.region.code)
    asker, today = make.city_officer(), timezone.localdate()
    party = ("firm",) if mine else ()
    contract = make.contract(
        name=f"被问到的合同{tag}", seller=make.organisation("firm", f"大连另一方{tag}有限公司"), buyer=firm
    )
    side.case = Case.objects.create(
        signal="late_registration",
        key=f"walk {tag}",
        sentence=world.secret(f"过了很久才登记的线索{tag}", "city", "auditor"),
        facts_hash="0" * 32,
    )
    side.case.organisations.add(firm)
    CaseRow.objects.create(case=side.case, contract=contract)
    question = world.secret(f"请说明为什么登记得晚{tag}", *party, "city", "auditor")
    side.explanation = Explanation.objects.create(
        case=side.case, organisation=firm, question=question, asked_by=asker, due_on=today + timedelta(days=9)
    )
    words = world.secret(f"说明的附件{tag}", *party, "city", "auditor")
    side.answered_explanation = Explanation(
        case=side.case,
        organisation=firm,
        question=question,
        asked_by=asker,
        due_on=today,
        text=words,
        file_name="说明.pdf",
        file_type="application/pdf",
        answered_by=make.firm_officer(firm),
        answered_at=timezone.now(),
    )
    side.answered_explanation.file.save("walk.pdf", ContentFile(uploads.PDF + words.encode()), save=True)
    side.signalrule = SignalRule.objects.order_by("pk")[0 if mine else 1]
    side.ownership = Ownership.objects.create(
        owner=side.institution,
        owned=make.organisation("firm", f"大连被持股{tag}有限公司"),
        share=60,
        source=world.secret(f"公示系统查询{tag}", "city", "auditor"),
    )
    side.registereddetails = RegisteredDetails.objects.create(
        organisation=firm, address=world.secret(f"示例路{tag}号", "city", "auditor"), source="公示系统"
    )


READ = "login 405 405 405 405 405 405 405 405"
DECISION = {"action": "decide", "decide-revision": "1", "decide-outcome": "unfounded"}
PAGES: dict = {
    "workbench/integrity/": {"GET": "login 403 403 403 403 200 403 200 403", "POST": READ},
    "workbench/integrity/<public_id:public_id>/": {
        "about": "case",
        "GET": "login 403 403 403 403 200 403 200 403",
        "POST": READ,
    },
    "workbench/integrity/<public_id:public_id>/do/": {
        "about": "case",
        "data": lambda world, kind: DECISION | {"decide-reason": "材料齐全，登记晚是因为补充审计。"},
        "GET": READ,
        "POST": "login 403 403 403 403 away! 403 403 403",
    },
    "workbench/explanations/": {"GET": "login 200 200 200 200 200 200 200 200", "POST": READ},
    "workbench/explanations/<public_id:public_id>/": {
        "about": "explanation",
        "data": lambda world, kind: {"text": "审计报告晚到，登记推迟到九月。"},
        "GET own": "login 404 404 200 404 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 404 away! 404 403 404 403 404",  # only the firm itself explains
        "POST foreign": "login 404 404 404 404 403 404 403 404",
    },
    "workbench/explanations/<public_id:public_id>/file/": {
        "about": "answered explanation",
        "GET own": "login 404 404 200 404 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST": READ,
    },
}
DESKS = {
    "integrity.signalrule": ("", "vc", "v", ""),
    "integrity.ownership": ("", "vac", "v", ""),
    "integrity.registereddetails": ("", "vac", "v", ""),
}
