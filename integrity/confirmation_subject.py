"""Both organisations of a recorded ownership are asked whether it is right."""

from deals.confirmation_subjects import ConfirmableSubject, NamedParty, facts_of, register_subject
from deals.models import Confirmation
from integrity.models import Ownership


def register_ownership() -> None:
    register_subject(
        ConfirmableSubject(
            Ownership,
            {"ownership": "持股关系"},
            rows=lambda: Ownership.objects.select_related("owner", "owned"),
            matter=lambda row: "" if row.ended_on else "ownership",
            title=str,
            parties=lambda row: [
                NamedParty(Confirmation.Role.ONE, row.owner),
                NamedParty(Confirmation.Role.OTHER, row.owned),
            ],
            facts=lambda row, role: facts_of(
                ("持股单位", row.owner),
                ("被持股单位", row.owned),
                ("持股比例", f"{row.share}%"),
                ("依据", row.source),
                ("持股开始日期", row.held_from),
            ),
            counted=lambda: Ownership.objects.confirmed_by_all_parties(),
        )
    )
