"""Labels for facts, verdicts and indicator results of the engine."""

from collections.abc import Mapping

VERDICT_LABELS = {"fits": "符合", "talk": "需商谈", "contradicts": "不合", "unknown": "未说明"}
FACT_LABELS = {
    "stage": "阶段",
    "ways": "合作方式",
    "price": "价格",
    "exclusivity": "独占",
    "period": "时限",
    "district": "区域",
    "indicators": "指标",
    "limits": "适用限制",
    "registered_limits": "适用边界",
}
RESULT_LABELS = {
    "met": "满足",
    "missed": "未达",
    "partial": "部分满足",
    "check": "待核对",
    "unstated": "未说明",
    "incomparable": "无法比较",
}


def offer_text(row: Mapping[str, str]) -> str:
    """Return what the achievement states on an indicator, or "".

    A value from running text is quoted with the name of its field: “水温四度也能施工”（成果简介）.
    """
    offer = row.get("offer") or ""
    return f"“{offer}”（{row['place']}）" if row.get("place") else offer
