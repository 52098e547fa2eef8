"""Badge of an application for 专项资金, and the totals of the policies for the board and for a policy's page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.subsidy_totals import totals_of
from mechanism.models import Policy, SubsidyApplication, SubsidyBudget, SubsidyCall
from mechanism.subsidy_words import BADGES

register = template.Library()


@register.simple_tag
def subsidy_status(application: SubsidyApplication) -> SafeString:
    style = BADGES[SubsidyApplication.Status(application.status)]
    return format_html('<span class="badge {}">{}</span>', style, application.get_status_display())


@register.inclusion_tag("mechanism/workbench/_subsidy_totals.html")
def subsidy_totals(user: User, scope: FigureScope) -> dict:
    """The totals of the budgets of the scope's year; nothing for who does not read the whole city."""
    if not (user.scope.sees_all and scope.is_whole_city):
        return {"totals": []}
    budgets = SubsidyBudget.objects.filter(year=scope.period.year).select_related("policy").order_by("policy__title")
    return {"totals": totals_of(budgets), "heading": f"{scope.period.year} 年专项资金"}


@register.inclusion_tag("mechanism/public/_policy_subsidies.html", takes_context=True)
def policy_subsidies(context, policy: Policy) -> dict:
    """Calls of a policy, and its yearly totals.

    The public reads what the publicity has named: grants and payouts. How many applied stands there after the last call
    of the year has closed; what was applied for and the contracts behind it are for the staff, because with few
    applicants they would tell what one of them asked for.
    """
    user = context["user"]
    calls = list(SubsidyCall.objects.published().filter(budget__policy=policy).select_related("budget")[:20])
    totals = totals_of(SubsidyBudget.objects.filter(policy=policy).order_by("-year"))
    open_budgets = {call.budget_id for call in calls if call.window_label != "已截止"}
    scope = getattr(user, "scope", None)
    sees_all = bool(scope and scope.sees_all)
    # A budget without a published call is not yet announced.
    announced = {call.budget_id for call in calls}
    lines = [(row, row.budget.pk not in open_budgets) for row in totals if sees_all or row.budget.pk in announced]
    return {
        "calls": calls,
        "lines": lines,
        "sees_all": sees_all,
        "may_apply": bool(scope and scope.institution_ids | scope.firm_ids),
        "is_signed_in": user.is_authenticated,
    }
