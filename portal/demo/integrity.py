"""Cases of the integrity check in each state, from relations that the city has recorded. All of it is fictional."""

from accounts.models import Organisation, User
from audit.services import record
from integrity.models import Case, Ownership, RegisteredDetails
from integrity.services.decisions import Verdict, decide_case
from integrity.services.explanations import answer_explanation, ask_explanations
from integrity.services.scanning import scan
from integrity.signals.registry import SIGNALS
from portal.demo.people import DemoContext

SOURCE = "演示用的虚构登记信息"
FOOD, BATTERY, BEARING = (
    "大连鲜序食品有限公司（演示）",
    "大连钒跃储能装备有限公司（演示）",
    "大连磐砺大型轴承有限公司（演示）",
)
BROKER, WRONG = "解尧年", "宓应辰"
PARK = "大连经济技术开发区学府大街 10 号大学科技园 A 座"


def load_integrity(demo: DemoContext) -> None:
    """Record relations, scan, and act on the cases as the second officer and the parties."""
    parties = {row.name: row for row in Organisation.objects.filter(name__in=[FOOD, BATTERY, BEARING, "大连大学"])}
    university = Organisation.objects.filter(name="大连海事大学").first()
    if Ownership.objects.exists() or len(parties) < 4 or university is None:
        return
    officer, food_officer = demo.people["city2"], demo.people["xianxu"]
    owned = Ownership.objects.create(owner=university, owned=parties[FOOD], share=30, source=SOURCE)
    record("新建", owned, by=officer, changes={"share": [None, "30"]})
    _details(parties[FOOD], officer, legal_representative=BROKER)
    _details(parties[BATTERY], officer, address=PARK)
    _details(parties["大连大学"], officer, address=PARK)
    mistyped = _details(parties[BEARING], officer, legal_representative=WRONG)
    scan()
    _decide_with_explanation(parties[FOOD], officer, food_officer)
    _decide_others(parties, officer)
    RegisteredDetails.objects.filter(pk=mistyped.pk).update(legal_representative="苍示例")
    record("修改", mistyped, by=officer, changes={"legal_representative": [None, None]})
    scan()


def _details(organisation: Organisation, by: User, **details: str) -> RegisteredDetails:
    row = RegisteredDetails.objects.create(organisation=organisation, source=SOURCE, recorded_by=by, **details)
    record("新建", row, by=by, changes={name: [None, None] for name in details})
    return row


def _decide_with_explanation(firm: Organisation, officer: User, firm_officer: User) -> None:
    """A firm owned by the university that sold to it: explained, counted as 其中关联."""
    case = Case.objects.get(signal="ownership", organisations=firm)
    [asked] = _ask(case, firm, officer)
    text = "学校 2023 年以专利作价入股本公司，占 30%。这份合同的价格由学校公示，双方按评估价成交，已付清首期款。"
    answer_explanation(asked, text=text, by=firm_officer)
    case.refresh_from_db()
    rows = [row.pk for row in case.rows.exclude(contract=None)]
    reason = "持股 30% 属实，价格经过公示，交易真实；计入成交额，在其中关联里单列。"
    decide_case(case, Verdict("related", reason, rows), revision=case.revision, by=officer)


def _decide_others(parties: dict[str, Organisation], officer: User) -> None:
    """One contract of a broker who is the buyer's representative is excluded, the other waits for the firm."""
    broker_cases = Case.objects.filter(signal="interested_person", organisations=parties[FOOD])
    older, newer = broker_cases.order_by("rows__contract__registered_on").distinct()[:2]
    rows = [row.pk for row in older.rows.exclude(contract=None)]
    reason = "经纪人是买方的法定代表人，没有回避，合同也没有履行材料，不计入统计。"
    decide_case(older, Verdict("excluded", reason, rows), revision=older.revision, by=officer)
    _ask(newer, parties[FOOD], officer)
    neighbours = Case.objects.filter(signal="affiliates", organisations=parties[BATTERY]).first()
    if neighbours:
        reason = "公司租用大学科技园的场地，与学校没有股权和人员关系。"
        decide_case(neighbours, Verdict("unfounded", reason), revision=neighbours.revision, by=officer)


def _ask(case: Case, organisation: Organisation, by: User):
    question = SIGNALS[case.signal].question
    return ask_explanations(case, organisations=[organisation], question=question, revision=case.revision, by=by)
