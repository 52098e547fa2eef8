"""Commissions on the page of a deal, for those who may read them."""

from accounts.models import User
from brokerage.commission_sums import commission_sums
from brokerage.models import Commission
from brokerage.services.commissions import may_agree
from deals.models import Deal
from deals.page_parts import PagePart


def commission_part(deal: Deal, user: User) -> PagePart | None:
    shown_statuses = {*Commission.OPEN, *Commission.WAITING}
    rows = Commission.objects.visible_to(user).filter(deal=deal, status__in=shown_statuses)
    rows = rows.select_related("mandate__client")
    shown = [(row, commission_sums(row) if row.status == Commission.Status.AGREED else None) for row in rows]
    may_propose = bool(may_agree(deal, user))
    if not (shown or may_propose):
        return None
    return PagePart("brokerage/workbench/_deal_part.html", {"rows": shown, "may_propose": may_propose, "deal": deal})
