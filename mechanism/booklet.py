"""What the room of the mechanism adds to a round's booklet: the policies in force on its day."""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mechanism.models import Policy
from rounds.models import DockingRound
from rounds.papers.sections import Section


def policies(held: DockingRound) -> Section | None:
    found = Policy.objects.published().in_force(localdate(held.starts_at)).order_by("kind", "-valid_from", "pk")
    entries = [(policy.title, _lines(policy)) for policy in found]
    return Section(_("相关政策"), entries) if entries else None


def _lines(policy: Policy) -> list[str]:
    told = [policy.summary]
    if policy.who:
        told.append(_("适用对象：%s") % policy.who)
    if policy.how:
        told.append(_("怎么办理：%s") % policy.how)
    return [*told, _("来源：%s") % policy.source]
