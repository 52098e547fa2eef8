"""The confidentiality agreement of a follow-up as a user may see it."""

from dataclasses import dataclass

from accounts.models import User
from demands.models import Agreement, AgreementCopy
from demands.permissions import owns
from matching.forms import AgreementForm
from matching.models import FollowUp
from matching.services.agreements import agreements_of


@dataclass(frozen=True)
class AgreementSection:
    """`form` is None for readers who act for neither side and for a follow-up that is not agreed."""

    agreement: Agreement | None
    copies: list[AgreementCopy]
    is_in_force: bool
    form: AgreementForm | None
    own_side: str

    @property
    def missing_sides(self) -> list[str]:
        """The labels of the sides without a current copy."""
        present = {copy.side for copy in self.copies}
        return [str(label) for side, label in AgreementCopy.Side.choices if side not in present]


def agreement_section(follow_up: FollowUp, user: User) -> AgreementSection | None:
    """The latest agreement of the pair; None for users who may not see one, and before the sides know each other."""
    match = follow_up.match
    rows = agreements_of(follow_up).visible_to(user)
    agreement = rows.order_by("ended_at", "-opened_at").first() if follow_up.agreed_at else None
    is_open = agreement is not None and agreement.ended_at is None
    own_side = ""
    if owns(user, match.demand.firm):
        own_side = AgreementCopy.Side.FIRM
    elif match.achievement.institution_id in user.scope.institution_ids:
        own_side = AgreementCopy.Side.INSTITUTION
    form = AgreementForm() if own_side and follow_up.is_agreed else None
    if agreement is None and form is None:
        return None
    return AgreementSection(
        agreement=agreement,
        copies=list(agreement.copies.filter(replaced_at=None)) if agreement and is_open else [],
        is_in_force=agreement is not None and Agreement.objects.in_force().filter(pk=agreement.pk).exists(),
        form=form,
        own_side=own_side,
    )
