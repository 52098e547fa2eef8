"""What an agent did to a record in the client's name, beside the record."""

from django import template
from django.db.models import Model

from mandates.models import MandatedAct

register = template.Library()
MOST_SHOWN = 5


@register.inclusion_tag("mandates/_acts.html", takes_context=True)
def mandated_acts(context: template.Context, subject: Model | None) -> dict:
    """The newest acts that the reader may know of, each with the agent. Empty for a record that is not stored yet."""
    if subject is None or subject.pk is None:
        return {"acts": ()}
    acts = MandatedAct.objects.visible_to(context["request"].user).filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    )
    sides = ("mandate__client", "mandate__broker__agency__organisation", "mandate__agency__organisation")
    return {"acts": acts.select_related("by", *sides)[:MOST_SHOWN]}
