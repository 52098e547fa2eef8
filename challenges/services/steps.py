"""One step of a challenge: a conditional change of its state with an audit record."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from challenges.models import Challenge
from challenges.services.notifications import settle_earlier_notices


def move_challenge(
    challenge: Challenge,
    before: str,
    after: str,
    *,
    action: str,
    by: User,
    when: Mapping[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Refused unless the challenge is in the state `before` and the further lookups `when` hold."""
    transition(
        challenge,
        when={"status": before} | dict(when or {}),
        values={"status": after, "status_at": timezone.now()} | values,
        refusal=lambda row: f"这一榜现在是“{row.state_label}”，不能这样办理。请刷新页面查看。",
        action=action,
        by=by,
        changes={"status": [before, after]} | (changes or {}),
    )
    settle_earlier_notices(challenge)


def lock_challenge(challenge: Challenge) -> Challenge:
    """The row, locked until the transaction ends."""
    rows = Challenge.objects.select_for_update(no_key=True, of=("self",)).with_firm()
    return rows.get(pk=challenge.pk)
