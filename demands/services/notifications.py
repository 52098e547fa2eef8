"""Notices to the firm of a demand, and to the officers of its district."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from demands.models import Demand, DemandRevision
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter, write_sentence


def has_listeners(demand: Demand) -> bool:
    """Whether the firm has an active user who can answer."""
    return bool(officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_consent_needed(demand: Demand) -> None:
    """Ask the firm to change an anonymous demand or to consent to what it shows."""
    text = write_sentence("demands.consent", {"需求": _title(demand)})
    _notify(demand, text, "consent", officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_returned(demand: Demand) -> None:
    """Tell the firm that its demand came back; the reason stands on its page."""
    text = write_sentence("demands.returned", {"需求": _title(demand)})
    _notify(demand, text, "returned", officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id])


def notify_renamed(demand: Demand, *, is_hidden: bool) -> None:
    """Tell the firm and its district that the new name stood in an anonymous demand, and what was done."""
    outcome = "已暂停公开，请修改或确认后重新发布" if is_hidden else "已改成“本企业”"
    text = write_sentence("demands.renamed", {"需求": _title(demand), "处理": outcome})
    users = {*officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id]}
    if demand.firm.stat_region_id:
        users |= {*district_officers([demand.firm.stat_region_id])[demand.firm.stat_region_id]}
    _notify(demand, text, "renamed", users)


def notify_published(demands: Iterable[Demand]) -> None:
    """Tell the firms that their demands are public and take part in matching. One query for all."""
    demands = list(demands)
    users = officers_of({demand.firm_id for demand in demands}, Role.FIRM)
    writer = TextWriter("demands.published")
    notify(
        _draft(demand, writer.sentence({"需求": _title(demand)}), "published", user)
        for demand in demands
        for user in users[demand.firm_id]
    )


def notify_revision_proposed(revision: DemandRevision) -> None:
    """Tell the officers of the district that changes wait for their decision; once a day for each demand."""
    demand = revision.demand
    region = demand.firm.stat_region_id
    if not region:
        return
    text = "企业修改了已发布的需求“%(title)s”，请核对后批准或退回。" % {"title": _title(demand)}
    about = f"demand revision {revision.public_id}"
    key = f"demand revision {demand.public_id} {timezone.localdate()}"
    path = reverse("admin:demands_demandrevision_change", args=[revision.pk])
    notify(
        NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, key) for user in district_officers([region])[region]
    )


def notify_review_due(demand: Demand, revision: DemandRevision | None) -> int:
    """Remind the officers of the district, once for each submission. Returns how many notices were new."""
    region = demand.firm.stat_region_id
    if not region:
        return 0
    if revision:
        text = "需求“%(title)s”的修改已过处理期限，请批准或退回。"
        path = reverse("admin:demands_demandrevision_change", args=[revision.pk])
        key = f"demand revision {revision.public_id} due"
    else:
        text = "需求“%(title)s”已过初审期限，请发布、退回或进入诊断。"
        path = reverse("admin:demands_demand_change", args=[demand.pk])
        key = f"demand {demand.public_id} review due {demand.status_changed_at.isoformat()}"
    users = district_officers([region])[region]
    text, about = text % {"title": _title(demand)}, f"demand {demand.public_id}"
    return notify(NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, key) for user in users)


def notify_revision_decided(revision: DemandRevision) -> None:
    """Tell the firm whether its changes are published."""
    is_accepted = revision.status == DemandRevision.Status.ACCEPTED
    key = "demands.revision_accepted" if is_accepted else "demands.revision_rejected"
    demand = revision.demand
    event = f"revision {revision.public_id} {revision.status}"
    _tell_firm(demand, write_sentence(key, {"需求": _title(demand)}), event)


def notify_expiry(demand: Demand, *, is_over: bool) -> None:
    """Tell the firm that its demand is shown for a few more weeks only, or no longer. Once for each last day."""
    what = "expired" if is_over else "expires"
    text = write_sentence(f"demands.{what}", {"需求": _title(demand), "到期日": str(demand.expires_on)})
    _tell_firm(demand, text, f"{what} {demand.expires_on}")


def notify_resumed(demand: Demand, *, problem: str = "") -> None:
    """Tell the firm that its pause is over, or why the demand stays paused."""
    event = f"{'stays paused' if problem else 'resumed'} {demand.status_changed_at.isoformat()}"
    values = {"需求": _title(demand)}
    text = (
        write_sentence("demands.stays_paused", values | {"原因": problem})
        if problem
        else write_sentence("demands.resumed", values)
    )
    _tell_firm(demand, text, event)


def _title(demand: Demand) -> str:
    return demand.public_text("title")[:60]


def _tell_firm(demand: Demand, text: str, event: str) -> None:
    users = officers_of({demand.firm_id}, Role.FIRM)[demand.firm_id]
    notify(_draft(demand, text, event, user) for user in users)


def _draft(demand: Demand, text: str, event: str, user: int) -> NoticeDraft:
    about = f"demand {demand.public_id}"
    moment = f" {demand.status_changed_at.isoformat()}" if event == "published" else ""
    path = reverse("demand_edit", args=[demand.public_id])
    return NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, f"{about} {event}{moment}")


def _notify(demand: Demand, text: str, event: str, users: set[int] | list[int]) -> None:
    about = f"demand {demand.public_id}"
    key = f"{about} {event} {demand.status_changed_at.isoformat()} {len(demand.firm.former_names)}"
    path = reverse("demand_edit", args=[demand.public_id])
    notify(NoticeDraft(user, NoticeKind.QUESTION, text, path, about, key) for user in users)
