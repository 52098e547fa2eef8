"""Section of a docking round's booklet: the policies in force on its day."""

from django.utils.timezone import localdate

from mechanism.models import Policy
from rounds.models import DockingRound
from rounds.papers.booklet_sections import BookletSection


def policies_section(docking_round: DockingRound) -> BookletSection | None:
    """None if no policy is in force."""
    policies = Policy.objects.published().in_force(localdate(docking_round.starts_at))
    entries = [(policy.title, _lines(policy)) for policy in policies.order_by("kind", "-valid_from", "pk")]
    return BookletSection("相关政策", entries) if entries else None


def _lines(policy: Policy) -> list[str]:
    lines = [policy.summary]
    if policy.who:
        lines.append("适用对象：%s" % policy.who)
    if policy.how:
        lines.append("怎么办理：%s" % policy.how)
    return [*lines, "来源：%s" % policy.source]
