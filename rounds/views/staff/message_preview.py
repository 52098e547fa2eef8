"""The page before messages go out to guests: to whom, by which way, and the text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import UserRequest
from notices.texts.writing import WrittenText
from rounds.models import DockingRound, GuestMessage, Party
from rounds.services.guest_letters import terms_of
from rounds.services.guest_messages import GuestText
from rounds.services.guest_reach import Reach, WayCounts

HIDDEN_CODE = "xxxxxxxxxx"
"""A preview shows no code: with it anybody could answer for the guest."""
WAY_WORDS: dict[str, str] = {
    GuestMessage.Way.MAIL: "发邮件",
    GuestMessage.Way.NOTICE: "没有邮箱，在平台账号里通知",
    GuestMessage.Way.CALL: "没有邮箱也没有账号，进电话名单",
}


@dataclass(frozen=True)
class Sending:
    """`action`, `deed` and `fields`: the form that sends. `back`: where the officer came from."""

    title: str
    heading: str
    button: str
    action: str
    back: str
    back_words: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    deed: str = "send"


def hide_codes(parties: list[Party]) -> None:
    for party in parties:
        party.code = HIDDEN_CODE


def sample_party(reach: list[Reach]) -> Party:
    """The guest whose text is shown: the first that gets a mail."""
    mailed = [each.party for each in reach if each.way == GuestMessage.Way.MAIL]
    return mailed[0] if mailed else reach[0].party


def preview(
    request: UserRequest,
    docking_round: DockingRound,
    sending: Sending,
    reach: list[Reach],
    sample: WrittenText | GuestText,
    way_words: Mapping[str, str] = WAY_WORDS,
) -> HttpResponse:
    context = {
        "round": docking_round,
        "sending": sending,
        "rows": [(each.party, way_words[each.way]) for each in reach],
        "ways": WayCounts.of(each.way for each in reach),
        "sample": sample,
        "terms": terms_of(docking_round),
    }
    return render(request, "rounds/staff/guests/message_preview.html", context)
