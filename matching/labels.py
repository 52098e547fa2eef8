"""Labels for facts, verdicts and indicator results of the engine."""

VERDICT_LABELS = {"fits": "符合", "talk": "需商谈", "contradicts": "不合", "unknown": "未说明"}
FACT_LABELS = {
    "stage": "阶段",
    "ways": "合作方式",
    "price": "价格",
    "exclusivity": "独占",
    "period": "时限",
    "district": "区域",
    "indicators": "指标",
}
RESULT_LABELS = {"met": "满足", "missed": "未达", "unstated": "未说明", "incomparable": "无法比较"}
