"""What an institution reports: last year's annual report handed in, this year's draft, an income case, a publicity with
an objection, a request for an evaluation."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from annual_reports.contents import content_of
from annual_reports.layouts import report_questions
from annual_reports.models import AnnualReport
from annual_reports.services.reports import (
    hand_in,
    numbers_hash,
    review_report,
    save_answers,
    start_report,
    submit_report,
)
from deals.models import Deal, IncomeCase
from deals.services.income import answer_share, decide_case, open_case, record_payout, save_share, store_evidence
from deals.services.price_publicity import publish_price, raise_objection
from mechanism.services.evaluation_requests import request_evaluation
from mechanism.services.evaluations import default_weights
from portal.demo.people import DemoContext

OFFICE = "dut"
PLAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
NUMBERS = {
    "equity_reward": "120", "equity_persons": "4", "public_contracts": "3", "public_amount": "260",
    "central_contracts": "1", "central_amount": "90", "patents": "412", "offices": "1", "staff": "14",
    "joint_platforms": "23", "agencies": "6", "companies": "2", "part_time": "18", "on_leave": "3",
}  # fmt: skip
TEXTS = {
    "achieved": "全年组织对接 46 场，与本地企业共建中试平台两个，一批成果完成中试。",
    "experience": "由学院的技术经理人盯住每一项成果，合同和到账每月对一次。",
    "problems": "中试经费不足，部分成果停在样品阶段。",
}


def load_reports(demo: DemoContext) -> None:
    """Runs once."""
    if AnnualReport.objects.exists():
        return
    officer, colleague = demo.people[OFFICE], demo.joint_office
    institution = demo.organisations[OFFICE]
    year = timezone.localdate().year
    _share_income(institution, officer, colleague, date(year - 1, 11, 12), is_decided=True)
    _hand_in(institution, year - 1, officer, colleague)
    _share_income(institution, officer, colleague, timezone.localdate() - timedelta(days=20), is_decided=False)
    draft = start_report(institution, year, by=officer)
    some = {key: NUMBERS[key] for key in ("patents", "staff", "joint_platforms")}
    save_answers(draft, some, revision=draft.revision, by=officer)
    _publicise(demo)
    _ask_evaluation(institution, officer)


def _hand_in(institution: Organisation, year: int, officer: User, colleague: User) -> None:
    report = start_report(institution, year, by=officer)
    counted = content_of(report).figures
    receivers = {
        "to_large_contracts": "0", "to_large_amount": "0", "to_other_contracts": "0", "to_other_amount": "0",
        "to_small_contracts": counted["three_contracts"], "to_small_amount": counted["three_amount"],
        "province_contracts": "0", "province_amount": "0",
    }  # fmt: skip
    values = {key: "0" for key, row in report_questions().items() if row.kind != "text"}
    save_answers(report, values | NUMBERS | receivers | TEXTS, revision=report.revision, by=officer)
    submit_report(report, by=officer)
    review_report(report, shown=numbers_hash(content_of(report).figures), by=colleague)
    hand_in(report, by=officer)


def _share_income(
    institution: Organisation, officer: User, colleague: User, on: date, *, is_decided: bool
) -> IncomeCase:
    """Decided and paid; or a draft in which one has confirmed by account, one objects by link, one waits."""
    title = "防腐涂层专利许可的入门费" if is_decided else "数控刀具涂层许可的第二笔收入"
    values = {
        "title": title, "way": IncomeCase.Way.LICENCE, "income_on": on, "gross_wan": Decimal(86),
        "costs_wan": Decimal(6), "costs_note": "评估费和税费",
    }  # fmt: skip
    case = open_case(institution, values, by=officer)
    lead = save_share(case, name="演示甲", part="第一完成人", amount_wan=Decimal(32), user=colleague, by=officer)
    second = save_share(case, name="演示乙", part="完成人", amount_wan=Decimal(18), user=None, by=officer)
    third = save_share(case, name="演示丙", part="转化服务", amount_wan=Decimal(4), user=None, by=officer)
    answer_share(lead, amount_wan="32.00", objection=None, by=colleague)
    if not is_decided:
        answer_share(second, amount_wan="18.00", objection="按协议我应当是 20 万元，请核对。", by=None)
        return case
    for share in (second, third):
        share.refresh_from_db()
        answer_share(share, amount_wan=str(share.amount_wan), objection=None, by=None)
    store_evidence(case, content=PLAN, name="分配方案（演示）.pdf", by=officer)
    decide_case(case, by=officer)
    record_payout(case, [lead, second], paid_on=on + timedelta(days=25), by=officer)
    return case


def _publicise(demo: DemoContext) -> None:
    """The first deal at 意向 that both have confirmed, by the seller's own officer; a visitor objects."""
    deals = Deal.objects.confirmed_by_all_parties().filter(stage=Deal.Stage.INTENT, seller__kind="institution")
    for deal in deals.with_pair().order_by("pk"):
        key = next((key for key, row in demo.organisations.items() if row.pk == deal.seller_id), "")
        officer = demo.officer_of(key)
        if officer is not None and deal.achievement:
            break
    else:
        return
    publicity = publish_price(
        deal,
        place="",
        price_wan=deal.intent_wan or Decimal(80),
        starts_on=timezone.localdate(),
        is_public=True,
        by=officer,
    )
    text = "同类成果上个月的许可价高出三成，请说明价格怎样得出。"
    raise_objection(publicity, who="某涂料企业", contact="demo@example.cn", text=text, by=None)


def _ask_evaluation(institution: Organisation, officer: User) -> None:
    rows = Achievement.objects.on_offer().filter(institution=institution, evaluations=None).order_by("pk")
    if (item := rows.first()) is None:
        return
    request_evaluation(
        item,
        purpose="作价投资前的第三方评价",
        evidence="第三方检测报告（附件）\n两家企业的用户试用证明\n发明专利两件",
        relations="演示己（第一完成人的近亲属）\n示例材料研究院",
        weights=default_weights(item.category),
        by=officer,
    )
