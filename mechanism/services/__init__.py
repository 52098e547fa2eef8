"""What can be done in the mechanism. One module per group of verbs."""

from mechanism.services.evidence import add_file, add_link, remove_evidence
from mechanism.services.importing import import_funds
from mechanism.services.minutes import split_minutes
from mechanism.services.policies import publish_policy, unpublish_policy
from mechanism.services.reminding import remind_owners
from mechanism.services.requests import answer_base_request, ask_base, withdraw_base_request
from mechanism.services.telling import told_owner
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
    "add_file",
    "add_link",
    "answer_base_request",
    "ask_base",
    "comment_measure",
    "create_measures",
    "drop_measure",
    "finish_measure",
    "import_funds",
    "may_report",
    "publish_policy",
    "reach_milestone",
    "remind_owners",
    "remove_evidence",
    "reopen_measure",
    "report_measure",
    "split_minutes",
    "told_owner",
    "unpublish_policy",
    "withdraw_base_request",
]
