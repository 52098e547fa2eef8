"""The public facts of an achievement or a demand whose changes a reader of favourites wants to know."""

from django.db.models import QuerySet
from django.utils import timezone

from achievements.models import Achievement
from demands.masking import detail_text, identifying_names, mask_firm, public_text
from demands.models import Demand

type Item = Achievement | Demand

TITLE = "名称"


def published_items(model: type[Item]) -> QuerySet:
    """What everybody may read, and what therefore may be a favourite."""
    return model.objects.published()


def public_facts(item: Item) -> dict[str, str]:
    """{label: text} of a published item, its title first. Texts of an anonymous demand do not name its firm."""
    if isinstance(item, Achievement):
        return {
            TITLE: item.title,
            "状态": item.get_status_display(),
            "意向价格": item.price_text,
            "成熟度": maturity_text(item),
            "转化方式": "、".join(item.way_labels) or "未填写",
        }
    return {
        TITLE: public_text(item, "title"),
        "状态": item.get_status_display(),
        "拟投入资金": item.budget_text,
        "合作方式": "、".join(item.way_labels) or "可商量",
        "需求时限": period_text(item),
    }


def maturity_text(achievement: Achievement) -> str:
    if not achievement.maturity_level:
        return achievement.get_stage_display()
    return f"第 {achievement.maturity_level} 级，{achievement.get_maturity_bucket_display()}"


def period_text(demand: Demand) -> str:
    if demand.period_text:
        return detail_text(demand, "period_text")
    days = [f"{day.year}年{day.month}月" if day else "" for day in (demand.period_start, demand.period_end)]
    return "至".join(days) if any(days) else "未填写"


def gone_text(item: Item) -> str:
    """Why an item is no longer public, in the words that a reader outside may know. Reasons are not told."""
    if item.expires_on and item.expires_on < timezone.localdate() and item.status in item.SHOWN:
        return "信息已过有效期，不再公开"
    known: dict[str, str] = {
        Achievement.Status.PAUSED: "已暂停对接，暂不公开",
        Achievement.Status.WITHDRAWN: "已下架，不再公开",
        Demand.Status.CLOSED: "已关闭，不再公开",
    }
    return known.get(item.status, "已不再公开")


def remembered_title(item: Item, title: str) -> str:
    """A title that was public once. A firm that has become anonymous since is masked in it, too."""
    if isinstance(item, Demand) and item.is_anonymous:
        return mask_firm(title, identifying_names(item))
    return title
