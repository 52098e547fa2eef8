"""Labels for verdicts and indicator results of the engine."""

VERDICT_LABELS = {"fits": "符合", "talk": "需商谈", "contradicts": "不合", "unknown": "未说明"}
RESULT_LABELS = {
    "met": "满足",
    "missed": "未达",
    "partial": "部分满足",
    "check": "待核对",
    "unstated": "未说明",
    "incomparable": "无法比较",
}
