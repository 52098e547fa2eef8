"""What a guest reads when its own answer is decided or changed: a text of the city with the link to the answer."""

from collections.abc import Mapping

from django.urls import reverse

from accounts.models import User
from notices.models import NoticeKind
from notices.texts.writing import TextWriter
from rounds.models import GuestMessage, Party
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.invitations import answer_url, notice_topic


def answer_text(
    writer: TextWriter, party: Party, values: Mapping[str, str] | None = None, *, topic: str, version: object
) -> GuestText:
    """`values`: placeholders beside 单位, 活动 and 答复链接. A `version` of a `topic` is sent to the party once."""
    usual = {"单位": party.full_name, "活动": party.docking_round.name, "答复链接": answer_url(party)}
    written, about = writer.write(usual | dict(values or {})), f"{notice_topic(party)} {topic}"
    path = reverse("my_invitation", args=[party.public_id])
    return GuestText(written.subject, written.body, written.line, path, about, f"{about} {version}")


def send_answer_texts(texts: dict[Party, GuestText], *, by: User | None) -> None:
    send_to_guests(texts, kind=GuestMessage.Kind.ANSWER, notice_kind=NoticeKind.MEETINGS, by=by)
