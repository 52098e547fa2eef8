"""Begin an approach: checks, limits, alias, clock, notice. `send_enquiry` is the way of a firm to an achievement."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from audit.transitions import constraint_message
from core.workdays import add_workdays
from demands.aliases import code_of, draw_code, make_alias
from demands.models import Demand
from demands.services.editing import check_may_name
from enquiries.models import Approach
from enquiries.services.limits import require_may_begin
from enquiries.services.notifications import notify_begun
from enquiries.services.texts import checked_text, digest_of
from mandates.models import Right, mandate_for
from mandates.services.acts import note_act_for

BEGUN = "发起主动对接"
"""The act of an agent that began an approach, in its client's name."""


def send_enquiry(
    achievement: Achievement, *, firm: Organisation, purpose: str, text: str, by: User, is_anonymous: bool = False
) -> Approach:
    """A firm asks the institution about its achievement. An anonymous firm gets an alias for this enquiry alone.

    Raises PermissionDenied unless `by` is an officer of the firm or its agent; ValidationError if the achievement is
    not on offer, the text may not be sent, or a limit is reached.
    """
    if not Achievement.objects.on_offer().filter(pk=achievement.pk).exists():
        raise ValidationError("“%(title)s”现在不接受询问：它已转化、暂停或下架。" % {"title": achievement.title})
    if purpose not in Approach.FIRM_PURPOSES:
        raise ValidationError("请选择想做什么。")
    approach = Approach(
        kind=Approach.Kind.ENQUIRY,
        firm=firm,
        institution=achievement.institution,
        achievement=achievement,
        purpose=purpose,
        text=text,
        is_anonymous=is_anonymous,
        public_alias=draw_alias() if is_anonymous else "",
        created_by=by,
    )
    return begin_approach(approach, prompt="请写下一个想问的问题。")


@transaction.atomic
def begin_approach(approach: Approach, *, prompt: str = "请写下要说的内容。") -> Approach:
    """Check and store an unsaved approach of either kind, start its clock and tell the recipient.

    The caller has set the two sides, the subject, and for an anonymous firm the alias. `prompt`: the message for an
    empty text. Raises PermissionDenied unless `created_by` is an officer of the sender, ValidationError.
    """
    by = approach.created_by
    sender = approach.sender
    if not may_send_for(by, sender):
        raise PermissionDenied("您不能代表“%(name)s”发起。" % {"name": sender})
    if approach.is_enquiry and not approach.is_anonymous:
        check_may_name(sender, by)
    is_hidden_author = approach.is_anonymous and approach.is_enquiry
    approach.text = checked_text(approach.text, author=sender, hides_firm=is_hidden_author, prompt=prompt)
    subjects = [str(row) for row in (approach.achievement, approach.demand, approach.recipient) if row is not None]
    approach.text_digest = digest_of(approach.text, *subjects)
    require_may_begin(approach, by=by)
    today = timezone.localdate()
    approach.answer_due_on = add_workdays(today, settings.APPROACH_ANSWER_WORKDAYS)
    try:
        with transaction.atomic():
            approach.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Approach)) from None
    behalf = note_act_for(sender, Right.ANSWER, BEGUN, approach, by=by)
    changes = {"kind": [None, approach.kind], "text": [None, len(approach.text)], **behalf}
    record(BEGUN, approach, by=by, changes=changes)
    notify_begun(approach)
    return approach


def may_send_for(by: User, sender: Organisation) -> bool:
    """An officer of the organisation, or the agent of a firm; offers of an institution are its own."""
    if is_officer_of(by, sender):
        return True
    return sender.kind == Organisation.Kind.FIRM and mandate_for(by, sender, Right.ANSWER) is not None


def is_officer_of(user: User, organisation: Organisation) -> bool:
    return organisation.pk in user.scope.firm_ids | user.scope.institution_ids


def draw_alias() -> str:
    """大连市某企业（代号云帆）: says nothing of the firm; no demand, approach or firm has the code word."""
    taken = {code_of(alias) for alias in Demand.objects.exclude(public_alias="").values_list("public_alias", flat=True)}
    taken |= {
        code_of(alias) for alias in Approach.objects.exclude(public_alias="").values_list("public_alias", flat=True)
    }
    while Organisation.objects.firms().filter(name__contains=(code := draw_code(taken))).exists():
        taken.add(code)
    return make_alias("", "", code)
