"""What can be done in the mechanism. One module per group of verbs."""

from mechanism.services.evaluating import (
    APPLIED_WEIGHTS,
    ask_another,
    cancel_evaluation,
    check_experts,
    finish_evaluation,
    give_marks,
    open_evaluation,
    recusals_of,
    recuse,
    result_of,
    usual_due_day,
)
from mechanism.services.evidence import add_file, add_link, remove_evidence
from mechanism.services.honours import (
    OBJECTION_DAYS,
    answer_objection,
    cancel_honour,
    count_candidates,
    object_to,
    publicise_honour,
    release_honour,
)
from mechanism.services.importing import import_funds
from mechanism.services.minutes import split_minutes
from mechanism.services.policies import publish_policy, unpublish_policy
from mechanism.services.reminding import remind_owners
from mechanism.services.requests import answer_base_request, ask_base, withdraw_base_request
from mechanism.services.telling import told_owner
from mechanism.services.tracing import contracts_to_name, traces
from mechanism.services.work import (
    comment_measure,
    create_measures,
    drop_measure,
    finish_measure,
    may_report,
    reach_milestone,
    reopen_measure,
    report_measure,
)

__all__ = [
    "APPLIED_WEIGHTS",
    "OBJECTION_DAYS",
    "add_file",
    "add_link",
    "answer_base_request",
    "answer_objection",
    "ask_another",
    "ask_base",
    "cancel_evaluation",
    "cancel_honour",
    "check_experts",
    "comment_measure",
    "contracts_to_name",
    "count_candidates",
    "create_measures",
    "drop_measure",
    "finish_evaluation",
    "finish_measure",
    "give_marks",
    "import_funds",
    "may_report",
    "object_to",
    "open_evaluation",
    "publicise_honour",
    "publish_policy",
    "reach_milestone",
    "recusals_of",
    "recuse",
    "release_honour",
    "remind_owners",
    "remove_evidence",
    "reopen_measure",
    "report_measure",
    "result_of",
    "split_minutes",
    "told_owner",
    "traces",
    "unpublish_policy",
    "usual_due_day",
    "withdraw_base_request",
]
