"""Labels for verdicts and indicator results of the engine."""

from django.utils.translation import gettext_lazy as _

VERDICT_LABELS = {"fits": _("符合"), "talk": _("需商谈"), "contradicts": _("不合"), "unknown": _("未说明")}
RESULT_LABELS = {"met": _("满足"), "missed": _("未达"), "unstated": _("未说明"), "incomparable": _("无法比较")}
