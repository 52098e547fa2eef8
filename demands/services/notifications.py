"""Notices to the firm of a demand, and to the officers of its district."""

from django.urls import reverse

from accounts.models import Role
from demands.models import Demand
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft


def has_listeners(demand: Demand) -> bool:
    """Whether the firm has an active user who can answer."""
    return bool(officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_consent_needed(demand: Demand) -> None:
    """Ask the firm to change an anonymous demand or to consent to what it shows."""
    text = "匿名需求“%(title)s”还没有发布：请打开页面，按提示修改文字，或确认后重新提交。" % {
        "title": demand.public_text("title")[:60]
    }
    _notify(demand, text, "consent", officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_returned(demand: Demand) -> None:
    """Tell the firm that its demand came back; the reason stands on its page."""
    text = "需求“%(title)s”被退回，请打开页面看退回原因，修改后重新提交。" % {"title": demand.public_text("title")[:60]}
    _notify(demand, text, "returned", officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_renamed(demand: Demand, *, is_hidden: bool) -> None:
    """Tell the firm and its district that the new name stood in an anonymous demand, and what was done."""
    outcome = "已暂停公开，请修改或确认后重新发布" if is_hidden else "已改成“本企业”"
    text = "单位名称变更后，匿名需求“%(title)s”里出现了新名称，%(outcome)s。" % {
        "title": demand.public_text("title")[:60],
        "outcome": outcome,
    }
    users = {*officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id]}
    if demand.firm.stat_region_id:
        users |= {*district_officers([demand.firm.stat_region_id])[demand.firm.stat_region_id]}
    _notify(demand, text, "renamed", users)


def _notify(demand: Demand, text: str, event: str, users: set[int] | list[int]) -> None:
    about = f"demand {demand.public_id}"
    key = f"{about} {event} {demand.status_changed_at.isoformat()} {len(demand.firm.former_names)}"
    path = reverse("demand_edit", args=[demand.public_id])
    notify(NoticeDraft(user, NoticeKind.QUESTION, text, path, about, key) for user in users)
