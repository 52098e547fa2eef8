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
from docking.services.publicity import object_to_price, publicity_problem, publish_price, settle_objection
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.sides import carries, speaks_for, takes_part

__all__ = [
    "INSTRUMENTS",
    "add_evidence",
    "add_landing",
    "archive_round",
    "begin_round",
    "cancel_contract",
    "carries",
    "close_ended_rounds",
    "close_round",
    "confirm_contract",
    "draft_contract",
    "edit_contract",
    "fail_deal",
    "must_publish",
    "number_warning",
    "object_to_price",
    "open_deal",
    "open_outside_deal",
    "open_round",
    "publicity_problem",
    "publish_price",
    "receive_payment",
    "register_contract",
    "remove_evidence",
    "rule_on",
    "set_instrument",
    "settle_objection",
    "sign_deal",
    "speaks_for",
    "strike_payment",
    "submit_contract",
    "take_step",
    "takes_part",
]
