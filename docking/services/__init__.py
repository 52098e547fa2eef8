"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from docking.services.contracts import (
    cancel_contract,
    confirm_contract,
    draft_contract,
    edit_contract,
    number_warning,
    register_contract,
    rule_on,
    submit_contract,
)
from docking.services.day import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
)
from docking.services.deal_parts import (
    INSTRUMENTS,
    add_evidence,
    add_landing,
    receive_payment,
    remove_evidence,
    set_instrument,
    strike_payment,
)
from docking.services.deals import fail_deal, must_publish, open_deal, open_outside_deal, sign_deal, take_step
from docking.services.held import begin_meeting, end_meeting, miss_meeting, take_back_step
from docking.services.outcomes import Said, record_outcome
from docking.services.publicity import object_to_price, publicity_problem, publish_price, settle_objection
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.sides import carries, speaks_for, takes_part

__all__ = [
    "INSTRUMENTS",
    "CameBefore",
    "Said",
    "add_evidence",
    "add_landing",
    "add_walk_in",
    "archive_round",
    "begin_meeting",
    "begin_round",
    "cancel_contract",
    "carries",
    "check_in",
    "check_in_party",
    "close_ended_rounds",
    "close_round",
    "confirm_contract",
    "draft_contract",
    "edit_contract",
    "end_meeting",
    "fail_deal",
    "mark_absent",
    "mark_back",
    "miss_meeting",
    "must_publish",
    "number_warning",
    "object_to_price",
    "open_deal",
    "open_outside_deal",
    "open_round",
    "publicity_problem",
    "publish_price",
    "receive_payment",
    "record_outcome",
    "register_contract",
    "remove_evidence",
    "rule_on",
    "set_instrument",
    "settle_objection",
    "sign_deal",
    "speaks_for",
    "strike_payment",
    "submit_contract",
    "take_back_step",
    "take_step",
    "takes_part",
    "undo_check_in",
]
