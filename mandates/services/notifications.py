"""Notices about mandates. Both sides know each other; staff hear of what they have to check."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import Membership, Organisation, Role
from brokers.models import Agency, Broker
from mandates.models import Mandate
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence


def people_of_client(client: Organisation) -> list[int]:
    role = Role.FIRM if client.kind == Organisation.Kind.FIRM else Role.INSTITUTION
    return officers_of({client.pk}, role)[client.pk]


def people_of_agent(agent: Broker | Agency) -> list[int]:
    """The broker himself, or all brokers of the agency."""
    if isinstance(agent, Broker):
        return [agent.user_id] if agent.user_id else []
    return officers_of({agent.organisation_id}, Role.BROKER)[agent.organisation_id]


def agents_of(client: Organisation, right: str) -> list[int]:
    """Ids of the users who have this right for the client now."""
    rows = Mandate.objects.in_force().filter(client=client, rights__contains=[right])
    return [person for mandate in rows.with_sides() for person in people_of_agent(mandate.agent)]


def staff_of(client: Organisation) -> list[int]:
    """The officers of the client's district; those of the city where there are none."""
    officers = district_officers([client.stat_region_id])[client.stat_region_id] if client.stat_region_id else []
    return officers or list(
        Membership.objects.filter(role=Role.CITY, user__is_active=True).order_by("pk").values_list("user", flat=True)
    )


def notify_proposed(mandate: Mandate) -> None:
    if mandate.proposed_side == Mandate.Side.CLIENT:
        text = write_sentence("mandates.proposed_by_client", {"委托方": str(mandate.client), "事项": _purpose(mandate)})
        _notify(mandate, people_of_agent(mandate.agent), text, "proposed")
        return
    people = people_of_client(mandate.client)
    text = write_sentence("mandates.proposed_by_agent", {"受托方": mandate.agent_name, "事项": _purpose(mandate)})
    _notify(mandate, people, text, "proposed")


def notify_document(mandate: Mandate) -> None:
    """Staff check a signed document where the client has no account to confirm with."""
    if people_of_client(mandate.client):
        return
    text = f"{mandate.agent_name}上传了{mandate.client}的委托书，委托方没有账号，请核对。"
    _notify(mandate, staff_of(mandate.client), text, f"document {mandate.file_sha256[:12]}")


def notify_filed(mandate: Mandate, side: str, *, is_first: bool) -> None:
    """Tell the other side of a mandate in force that `side` has added the signed document, or replaced it."""
    is_client = side == Mandate.Side.CLIENT
    people = people_of_agent(mandate.agent) if is_client else people_of_client(mandate.client)
    who = mandate.client if is_client else mandate.agent_name
    event = "mandates.document_added" if is_first else "mandates.document_replaced"
    text = write_sentence(event, {"委托": str(mandate), "哪一方": str(who)})
    _notify(mandate, people, text, f"filed {mandate.file_sha256[:12]}")


def notify_answered(mandate: Mandate, text: str, *, reason: str = "") -> None:
    """Tell the side that proposed. `text`: confirmed, document_checked or refused."""
    proposed_by_client = mandate.proposed_side == Mandate.Side.CLIENT
    settle_mandate_notices(mandate)
    people = people_of_client(mandate.client) if proposed_by_client else people_of_agent(mandate.agent)
    event = "refused" if text == "refused" else "confirmed"
    _notify(mandate, people, _sentence(mandate, text, 原因=reason), event)


def notify_closed(mandate: Mandate, text: str, *, besides: str, reason: str = "") -> None:
    """Tell both sides but the one that closed it. `text`: ended, ended_with_reason, expired or agent_gone."""
    settle_mandate_notices(mandate)
    people: list[int] = []
    if besides != Mandate.Side.CLIENT:
        people += people_of_client(mandate.client)
    if besides != Mandate.Side.AGENT:
        people += people_of_agent(mandate.agent)
    values = {"哪一方": str(Mandate.Side(besides).label), "委托方": str(mandate.client), "原因": reason}
    _notify(mandate, people, _sentence(mandate, text, **values), "closed")


def notify_ending(mandate: Mandate) -> None:
    """Both sides, some days before the last day."""
    day = f"{mandate.ends_on.month} 月 {mandate.ends_on.day} 日"
    text = _sentence(mandate, "ending", 最后一天=day)
    people = [*people_of_client(mandate.client), *people_of_agent(mandate.agent)]
    _notify(mandate, people, text, f"ending {mandate.ends_on:%Y%m%d}")


def notify_extended(mandate: Mandate) -> None:
    settle_mandate_notices(mandate)
    text = _sentence(mandate, "extended", 最后一天=f"{mandate.ends_on:%Y-%m-%d}")
    _notify(mandate, people_of_agent(mandate.agent), text, f"extended {mandate.ends_on:%Y%m%d}")


def settle_mandate_notices(mandate: Mandate) -> None:
    """What waited for an answer waits no longer."""
    everybody = {*people_of_client(mandate.client), *people_of_agent(mandate.agent), *staff_of(mandate.client)}
    settle_notices(mandate.about, [NoticeKind.BROKER], list(everybody))


def _purpose(mandate: Mandate) -> str:
    return mandate.purpose[:80].rstrip("。")


def _sentence(mandate: Mandate, text: str, **values: str) -> str:
    return write_sentence(f"mandates.{text}", values | {"委托": str(mandate)})


def _notify(mandate: Mandate, people: Iterable[int], text: str, event: str) -> None:
    path = reverse("mandate", args=[mandate.public_id])
    notify(
        NoticeDraft(person, NoticeKind.BROKER, text, path, mandate.about, f"{mandate.about} {event}")
        for person in dict.fromkeys(people)
    )
