"""The signals: names, texts, thresholds with their defaults, and the function that finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from integrity.signals.affiliates import affiliates, ownership
from integrity.signals.amounts import above_deal, far_price, overpaid, round_year_end
from integrity.signals.circles import circles
from integrity.signals.dates import before_deal, late_registration, paid_before_signing, year_end_signing
from integrity.signals.facts import Finding, Limits, Snapshot
from integrity.signals.persons import interested_person
from integrity.signals.repetitions import same_deal, same_number, same_terms, sold_twice, splits


@dataclass(frozen=True)
class Threshold:
    """`unit` is shown to the staff; `least` and `most` bound what they may set."""

    key: str
    label: str
    default: Decimal
    unit: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1_000_000)


@dataclass(frozen=True)
class Signal:
    """explanation: what it looks for, for the staff. question: what the parties are asked; it tells no more than that
    their own contracts are looked at."""

    key: str
    label: str
    explanation: str
    question: str
    find: Callable[[Snapshot, Limits], Iterator[Finding]]
    thresholds: tuple[Threshold, ...] = ()


def _days(label: str, default: int, key: str = "days") -> Threshold:
    return Threshold(key, label, Decimal(default), "天", most=Decimal(3660))


def _wan(key: str, label: str, default: int) -> Threshold:
    return Threshold(key, label, Decimal(default), "万元", least=Decimal("0.01"))


def _ratio(key: str, label: str, default: str, *, least: str = "0.01", most: str = "100") -> Threshold:
    return Threshold(key, label, Decimal(default), "倍", Decimal(least), Decimal(most))


_RELATION = "请说明贵单位与合同对方在股权、人员、地址上的关系，以及价格怎样确定，并附证明材料。"
_TERMS = "请说明这些合同的内容、金额和日期怎样确定，各自交付什么，并附合同、发票等材料。"
_ALL = (
    Signal(
        "affiliates",
        "关联单位",
        "买卖双方是已登记的关联单位，或地址、电话、法定代表人、代表人相同。",
        _RELATION,
        affiliates,
        (Threshold("most_at_address", "同一地址超过几家就不算（孵化器等）", Decimal(5), "家", Decimal(2)),),
    ),
    Signal(
        "ownership",
        "持股关系",
        "一方持有另一方的股份（如高校卖给自己的资产公司），或双方由同一单位控股。",
        _RELATION,
        ownership,
        (Threshold("least_share", "持股至少", Decimal(20), "%", Decimal("0.01"), Decimal(100)),),
    ),
    Signal(
        "circles",
        "款项循环",
        "甲买乙、乙又买甲，或三家绕一圈，金额相近、时间相近。",
        "请说明这些交易各自的内容和实际付款，并附合同、发票、银行回单。",
        circles,
        (
            _days("一圈之内最多相隔", 365),
            Threshold("ratio", "最小一笔至少是最大一笔的", Decimal("0.70"), "倍", Decimal("0.01"), Decimal(1)),
        ),
    ),
    Signal(
        "splits",
        "拆分合同",
        "同一双方几份合同日期很近，或金额都刚好低于限额。",
        _TERMS,
        splits,
        (
            _days("几份合同的日期在几天以内", 15),
            Threshold("count", "几天以内至少几份", Decimal(3), "份", Decimal(2), Decimal(100)),
            _wan("limit_wan", "限额", 100),
            _wan("upper_limit_wan", "较高的限额", 400),
            Threshold("near", "刚好低于限额：至少是限额的", Decimal("0.90"), "倍", Decimal("0.10"), Decimal(1)),
            _days("刚好低于限额的合同相隔", 90, "limit_days"),
        ),
    ),
    Signal(
        "above_deal",
        "高于成交项目",
        "合同金额远高于成交项目的签约金额。",
        "请说明合同金额为什么高于签约金额，并附补充协议等材料。",
        above_deal,
        (_ratio("ratio", "超过签约金额的", "1.20", least="1"), _wan("least_wan", "至少高出", 20)),
    ),
    Signal(
        "overpaid",
        "到账超过合同",
        "一项成交的到账合计超过合同和签约金额。",
        "请说明到账为什么超过合同金额，并附银行回单。",
        overpaid,
        (_ratio("ratio", "超过合同金额的", "1.05", least="1"),),
    ),
    Signal(
        "before_deal",
        "合同早于成交",
        "合同的签订日期早于成交项目的第一步。",
        "请说明合同为什么在成交项目建立以前签订，并附合同首页和签字页。",
        before_deal,
        (_days("最多早", 30),),
    ),
    Signal(
        "paid_before_signing",
        "到账早于签订",
        "到账日期早于签订日期。",
        "请说明签订以前为什么付款，并附银行回单。",
        paid_before_signing,
        (_days("最多早", 7),),
    ),
    Signal(
        "year_end_signing",
        "年底签订、跨年登记",
        "签订日期在年末几天，跨年很久才登记，可能倒签。",
        "请说明合同的实际签订日期，并附签字页。",
        year_end_signing,
        (_days("年末最后", 5, "last_days"), _days("登记晚于签订", 60)),
    ),
    Signal(
        "late_registration",
        "登记过晚",
        "签订很久以后才登记，或登记早于签订。",
        "请说明签订和登记为什么相隔这么久，并附履行合同的材料。",
        late_registration,
        (_days("登记晚于签订", 365),),
    ),
    Signal(
        "round_year_end",
        "年底整数",
        "年末几天的大额整数合同。",
        _TERMS,
        round_year_end,
        (
            _days("年末最后", 10, "last_days"),
            _wan("unit_wan", "整数：能被整除", 100),
            _wan("least_wan", "金额至少", 1000),
        ),
    ),
    Signal("same_number", "编号重复", "登记编号只是写法不同。", _TERMS, same_number),
    Signal(
        "same_terms",
        "内容重复",
        "同一双方、同样金额、日期相近的几份合同。",
        _TERMS,
        same_terms,
        (_days("签订日期相隔", 30),),
    ),
    Signal(
        "same_deal",
        "同一成交重复登记",
        "同一成交项目登记了几份合同，合计超过签约金额。",
        _TERMS,
        same_deal,
        (_ratio("ratio", "超过签约金额的", "1.10", least="1"),),
    ),
    Signal(
        "sold_twice",
        "独占成果再卖",
        "已独占转让的成果又签给另一家。",
        "请说明同一成果的权利怎样分配，并附合同。",
        sold_twice,
    ),
    Signal(
        "interested_person",
        "经办人是当事方",
        "技术经纪人、服务机构或办理登记的工作人员同时代表一方。",
        "请说明经办人与贵单位的关系。",
        interested_person,
    ),
    Signal(
        "far_price",
        "价格悬殊",
        "合同金额远离成果的意向价格。",
        "请说明价格怎样确定，并附评估报告或集体决策材料。",
        far_price,
        (_ratio("factor", "高于上限或低于下限的", "5", least="1"),),
    ),
)
SIGNALS: Mapping[str, Signal] = {signal.key: signal for signal in _ALL}
