"""揭榜挂帅 of the demo city: a call that is awarded and signed, one under review, and one that takes sealed bids.

The three demands are those that the dataset sends to 揭榜挂帅. Firms, institutions, an agency, experts and officers act
through the services as themselves; then the days are moved back.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Role, User
from accounts.services.members import add_member
from challenges.models import Bid, Challenge, Submission
from challenges.services import drafting
from challenges.services.bidding import accept_part, invite_member, read_draft, save_bid, start_bid, submit_bid
from challenges.services.ending import sign_challenge
from challenges.services.opening import ask_opening, open_bids
from challenges.services.publication import answer_question, ask_question
from challenges.services.results import choose_winner, confirm_award
from deals.models import Confirmation, Deal
from deals.services.confirmations import confirm
from deals.services.deals import sign_deal
from demands.models import Demand
from mechanism.models import ChallengeReview, Expert
from mechanism.services import challenge_reviews as reviews
from notices.models import Notice, NoticeKind
from portal.demo.dataset import day, moment
from portal.demo.people import DemoContext


@dataclass(frozen=True)
class Call:
    """One call: its firm, the title of its demand, and what the firm writes beside it."""

    firm: str
    person: str
    demand: str
    prize_wan: int
    conditions: str
    indicators: dict[str, tuple[str, str]]
    """{indicator: (value of today, how it is accepted)}."""
    milestones: tuple[tuple[int, str, str, int], ...]


SALT = Call(
    "buqing", "顾澄川", "库里一万两千吨化工废盐，埋不下也烧不好", 300,
    "高校、院所，或者与工程单位联合\n做过含有机物废盐的热处理，有连续运行记录\n不要求现在就有成套设备",
    {
        "产品盐TOC": ("300", "连续十个批次第三方检测"),
        "单窑连续运行": ("3", "现场连续运行，不停窑清圈"),
        "处置成本": ("2600", "按三个月运行台账核算"),
    },
    ((4, "配得清", "十二种来料分类和配伍表，小试不结圈", 20), (10, "烧得白", "日处理 2 吨中试线，TOC 达标", 40),
     (18, "有人要", "烧碱厂连续三个月接收产品盐", 40)),
)  # fmt: skip
BLADES = Call(
    "zhifeng", "季望舒", "风机叶片冬天结冰掉块，停机损失大", 200,
    "高校、院所，或者几家联合，市内市外都可以\n有户外挂片或挂机一个冬天以上的数据\n涂层、除冰装置都可以，不限路线",
    {
        "结冰期发电损失": ("18", "与对照机组比较一个冬天"),
        "使用寿命": ("1", "加速试验加实机检查"),
        "除冰耗电占比": ("6", "结冰期电表记录"),
    },
    ((6, "粘得住", "挂片一个冬天，附着力不降", 30), (15, "化得开", "一台机组试用，发电损失减半", 40),
     (27, "用得久", "六台机组两个冬天达标", 30)),
)  # fmt: skip
LOCKS = Call(
    "lanxu", "连静澜", "岸桥下拆装集装箱转锁，工人在吊具底下钻", 150,
    "高校、院所，或者几家联合，市内市外都可以\n做过识别加抓取的实物，能拿出一段没有剪过的录像\n"
    "派得出两个人，在码头住得下三个月\n不要求现在就有成品，也不要求论文和职称",
    {"单箱四锁拆除": ("240", "试验用岸桥夜间连续拆 200 箱")},
    ((4, "认得出", "八种转锁识别正确率 98%，夜间、雨天各测一轮", 20),
     (10, "拧得开", "台架上四把锁 100 秒，锈锁有卡滞判断", 25),
     (18, "上得了桥", "试验用岸桥夜间连续拆 200 箱，70 秒", 30),
     (24, "过得了冬", "一个冬天，桥下无人，不耽误岸桥循环", 25)),
)  # fmt: skip


def load_challenges(demo: DemoContext) -> int:
    """Load the calls. Runs once; returns their number."""
    if Challenge.objects.exists():
        return 0
    _awarded(demo)
    _in_review(demo)
    _open(demo)
    return Challenge.objects.count()


def _awarded(demo: DemoContext) -> None:
    call, owner = _published(SALT, demo)
    winner = _bid(call, demo.people["dut"], "分质配伍、低温预碳化、内加热回转窑", 280)
    _bid(call, demo.people["dlu"], "熔融法一步除有机物", 295)
    _opened(call, demo, published=-150, closes=-100, opened=-98)
    _reviewed(call, demo, {winner.pk: 86})
    choose_winner(call, bid=winner, reason="小试样品白度和成本都达到指标，有同类窑炉的运行记录。", by=owner)
    Challenge.objects.filter(pk=call.pk).update(chosen_at=moment(-80), public_until=day(-73))
    confirm_award(call, by=demo.city)
    Challenge.objects.filter(pk=call.pk).update(awarded_at=moment(-72))
    deal = sign_challenge(call, by=owner)
    _signed(deal, owner, demo)
    Challenge.objects.filter(pk=call.pk).update(status_at=moment(-60))
    ChallengeReview.objects.filter(challenge=call).update(answered_at=moment(-85), declared_at=moment(-90))
    about = f"challenge {call.public_id}"
    Notice.objects.filter(kind=NoticeKind.CHALLENGE, about=about).update(read_at=moment(-50), made_at=moment(-60))


def _signed(deal: Deal, owner: User, demo: DemoContext) -> None:
    """Both parties have confirmed the signing. The payments by milestones are recorded in the deal."""
    by = demo.district_of(deal.buyer) if deal.buyer else demo.city
    Deal.objects.filter(pk=deal.pk).update(made_at=moment(-60), stage_on=day(-60))
    deal.steps.update(on=day(-60), made_at=moment(-60))
    deal.refresh_from_db()
    note = "按榜单的里程碑付款：第 4 个月 20%，第 10 个月 40%，第 18 个月 40%。"
    sign_deal(deal, on=day(-45), signed_wan=Decimal(280), way="commissioned", note=note, by=by)
    seller = demo.people["dut"]
    for confirmation in Confirmation.objects.of(deal).current():
        if confirmation.is_pending:
            confirm(confirmation, by=owner if confirmation.role == "buyer" else seller)


def _in_review(demo: DemoContext) -> None:
    call, _owner = _published(BLADES, demo)
    bids = [
        _bid(call, demo.people["dicp"], "耐冲蚀超疏冰涂层，吊篮喷涂施工", 190),
        _bid(call, demo.people["dmu"], "叶片前缘电热膜加气动振动，分段除冰", 198),
    ]
    _opened(call, demo, published=-60, closes=-12, opened=-11)
    _reviewed(call, demo, {bids[0].pk: 84}, answering=2)


def _open(demo: DemoContext) -> None:
    call, owner = _published(LOCKS, demo)
    for text, answer in (
        ("风多大还要干？", "七级以下都干，吊具会晃三十公分。"),
        ("知识产权归谁？", "各做各的归各的，合起来的共有，企业优先用。"),
    ):
        question = ask_question(call, text=text, by=demo.people["dlu"])
        answer_question(question, answer=answer, by=owner)
    ask_question(call, text="试验用岸桥一周能给几个晚上？", by=demo.people["dut"])
    _bid(call, demo.people["dut"], "三维视觉识别、力控抓取、边缘计算", 148)
    _joint_bid(call, demo)
    Challenge.objects.filter(pk=call.pk).update(
        agreed_at=moment(-26), checked_at=moment(-23), published_at=moment(-20), status_at=moment(-20)
    )
    Submission.objects.filter(bid__challenge=call).update(sealed_at=moment(-2, 15))


def _published(terms: Call, demo: DemoContext) -> tuple[Challenge, User]:
    """The call as firm, district and city bring it about. The firm gets a user of its own, who never signs in."""
    unit = demo.organisations[terms.firm]
    owner = User.objects.create_user(username=f"bang_{terms.firm}", name=terms.person)
    add_member(owner, unit, Role.FIRM, by=None)
    demand = Demand.objects.select_related("firm").get(firm=unit, title=terms.demand)
    call = drafting.start_challenge(demand, by=owner)
    values = {name: getattr(call, name) for name in drafting.TEXTS}
    values |= {"prize_wan": Decimal(terms.prize_wan), "total_wan": Decimal(terms.prize_wan * 2)}
    values |= {"conditions": terms.conditions, "closes_at": moment(25, 17)}
    names = ("name", "comparison", "value", "value_to", "unit", "condition")
    indicators = [
        {name: getattr(row, name) for name in names}
        | dict(zip(("present", "acceptance"), terms.indicators[row.name], strict=True))
        for row in demand.indicators.all()
    ]
    keys = ("month", "title", "standard", "percent")
    milestones = [dict(zip(keys, line, strict=True)) for line in terms.milestones]
    drafting.save_challenge(call, values=values, indicators=indicators, milestones=milestones, by=owner)
    drafting.submit_challenge(call, agrees=True, by=owner)
    drafting.approve_challenge(call, by=demo.district_of(unit))
    drafting.publish_challenge(call, by=demo.city)
    return call, owner


def _bid(call: Challenge, officer: User, route: str, price: int) -> Bid:
    lead = officer.memberships.select_related("organisation").order_by("pk")[0].organisation
    bid = start_bid(call, lead=lead, by=officer)
    _write(bid, officer, route, price, {})
    submit_bid(bid, by=officer)
    return bid


def _joint_bid(call: Challenge, demo: DemoContext) -> None:
    """An institution and an agency: the agency has not accepted its part yet, so that the draft cannot be handed in."""
    officer, lead, agency = demo.people["djtu"], demo.organisations["djtu"], demo.organisations["jiqiao"]
    bid = start_bid(call, lead=lead, by=officer)
    invite_member(bid, organisation=agency, by=officer)
    parts = {
        lead.public_id: {"work": "识别、抓取和控制，样机制作", "share_wan": ""},
        agency.public_id: {"work": "码头现场协调、专利布局和验收材料", "share_wan": ""},
    }
    _write(bid, officer, "视觉引导的双臂快换夹爪", 146, parts)
    accept_part(bid, organisation=lead, by=officer)


def _write(bid: Bid, officer: User, route: str, price: int, parts: dict[str, Any]) -> None:
    content = read_draft(bid, officer) | {
        "team": "负责人一名，骨干五名，能派两人驻现场。演示数据。",
        "basis": "做过同类样机，有半年的现场数据和两项专利。演示数据。",
        "route": f"{route}。先做台架，再上现场，难点先做小试。演示数据。",
        "budget": "设备四成，材料两成，测试两成，人工两成。演示数据。",
        "price_wan": str(price),
        "promises": {str(row.pk): f"{row.text}，验收按榜单" for row in bid.challenge.indicators.all()},
        "plan": {str(row.pk): "按月安排到人，月底交记录" for row in bid.challenge.milestones.all()},
        "parts": parts,
    }
    save_bid(bid, values=content, revision=bid.revision, by=officer)


def _opened(call: Challenge, demo: DemoContext, *, published: int, closes: int, opened: int) -> None:
    at = moment(closes, 17)
    Submission.objects.filter(bid__challenge=call).update(sealed_at=at - timedelta(hours=5))
    past = {"published_at": moment(published), "closes_at": at, "announced_closes_at": at}
    past |= {"agreed_at": moment(published - 6), "checked_at": moment(published - 3)}
    Challenge.objects.filter(pk=call.pk).update(**past)
    call.refresh_from_db()
    ask_opening(call, by=demo.city)
    open_bids(call, by=demo.people["city2"])
    Challenge.objects.filter(pk=call.pk).update(opened_at=moment(opened, 10), status_at=moment(opened, 10))
    call.refresh_from_db()


def _reviewed(call: Challenge, demo: DemoContext, best: dict[int, int], *, answering: int = 3) -> None:
    """`best`: {bid: score}; the others get less. With fewer than three answers the review is not over."""
    experts = Expert.objects.filter(is_active=True).select_related("organisation").order_by("pk")
    free = [expert for expert in experts if not reviews.find_challenge_recusal_reasons(expert, call)][:3]
    reviews.invite_challenge_reviewers(call, experts=free, by=demo.city)
    for number, review in enumerate(call.reviews.order_by("pk")[:answering]):
        reviews.declare_no_relation(review)
        scores, comments = {}, {}
        for opened in reviews.readable_bids(review):
            score = best.get(opened.bid.pk, 66) - number
            scores[opened.bid.pk] = dict.fromkeys(("industry", "basis", "technology", "finance"), score)
            comments[opened.bid.pk] = "路线可行，指标可以考核，现场条件要先核实。"
        reviews.give_scores(review, scores=scores, comments=comments)
    if answering == 3:
        reviews.finish_challenge_review(
            call, recommended=list(best), conclusion="推荐一份，达到榜单指标。", by=demo.city
        )
