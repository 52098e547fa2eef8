"""Acts in the name of a client: checked against the mandate, kept for the client, named in the audit trail."""

from django.db.models import Model

from accounts.models import Organisation, User
from audit.services import Changes
from mandates.models import Mandate, MandatedAct, mandate_for


def note_act(mandate: Mandate | None, action: str, subject: Model, *, by: User) -> Changes:
    """Keep an act under a mandate; returns what the audit record of the act says of it. Nothing without a mandate."""
    if mandate is None:
        return {}
    MandatedAct.objects.create(
        mandate=mandate,
        by=by,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_title=str(subject)[:200],
    )
    return {"mandate": [None, on_behalf_text(mandate)]}


def note_act_for(client: Organisation, right: str, action: str, subject: Model, *, by: User) -> Changes:
    """`note_act` under the mandate by which the user has this right; nothing for users who act in their own name."""
    is_own = client.pk in by.scope.firm_ids | by.scope.institution_ids
    return {} if is_own else note_act(mandate_for(by, client, right), action, subject, by=by)


def on_behalf_text(mandate: Mandate) -> str:
    """受大连示例有限公司委托."""
    return f"受{mandate.client}委托"
