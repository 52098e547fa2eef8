"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from deals.permissions import carries, speaks_for, takes_part
from deals.services.contract_lists import import_contracts
from deals.services.contracts import (
    cancel_contract,
    confirm_contract,
    draft_contract,
    edit_contract,
    number_warning,
    register_contract,
    rule_on,
    submit_contract,
)
from deals.services.deal_parts import (
    INSTRUMENTS,
    add_evidence,
    add_landing,
    receive_payment,
    remove_evidence,
    set_instrument,
    strike_payment,
)
from deals.services.deals import fail_deal, must_publish, open_deal, open_outside_deal, sign_deal, take_step
from deals.services.price_publicity import object_to_price, publicity_problem, publish_price, settle_objection
from deals.services.unlinked_contracts import (
    Candidates,
    accept_outside,
    candidates_of,
    link_contract,
    mark_double,
    name_party,
)
from rounds.services.agenda import drop_agenda_item, keep_agenda_item
from rounds.services.check_in import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
)
from rounds.services.documents import add_document, remove_document
from rounds.services.guest_proposals import propose_parties
from rounds.services.guests import (
    INVITING,
    add_parties,
    add_party,
    invite_parties,
    manages_guest,
    mark_printed,
    remind_parties,
    side_of,
    withdraw_party,
)
from rounds.services.invitation_answers import (
    Person,
    Reply,
    answer_invitation,
    may_still_answer,
    party_of_code,
    why_closed,
)
from rounds.services.invitations import letters
from rounds.services.meeting_follow_up import follow_outcome, pair_meeting
from rounds.services.meeting_moves import lock_meeting, move_meeting, take_out
from rounds.services.meeting_orders import lift_order, set_order
from rounds.services.meeting_requests import mark_most, refuse_wish, wish, withdraw_wish
from rounds.services.meeting_status import begin_meeting, end_meeting, miss_meeting, take_back_step
from rounds.services.meetings import add_meeting, drop_meeting, gather_meetings, set_priorities, set_priority
from rounds.services.outcomes import Said, record_outcome
from rounds.services.papers import ask_paper, letters_fetched, make_paper, sweep_papers
from rounds.services.publishing import preview_publishing, publish_timetable, rebase_timetable
from rounds.services.reassign import fill_place
from rounds.services.replanning import offers, replan
from rounds.services.rounds import (
    archive_round,
    begin_round,
    close_ended_rounds,
    close_round,
    keep_round,
    open_round,
    schedule_round,
)
from rounds.services.signage import end_wall, open_wall
from rounds.services.targets import remind_districts, set_targets
from rounds.services.timetables import discard_timetable, run_planning, start_planning, stop_planning, sweep_plannings
from rounds.services.venue import check_hall, check_slot, keep_walks, make_slots

__all__ = [
    "INSTRUMENTS",
    "INVITING",
    "CameBefore",
    "Candidates",
    "Person",
    "Reply",
    "Said",
    "accept_outside",
    "add_document",
    "add_evidence",
    "add_landing",
    "add_meeting",
    "add_parties",
    "add_party",
    "add_walk_in",
    "answer_invitation",
    "archive_round",
    "ask_paper",
    "begin_meeting",
    "begin_round",
    "cancel_contract",
    "candidates_of",
    "carries",
    "check_hall",
    "check_in",
    "check_in_party",
    "check_slot",
    "close_ended_rounds",
    "close_round",
    "confirm_contract",
    "discard_timetable",
    "draft_contract",
    "drop_agenda_item",
    "drop_meeting",
    "edit_contract",
    "end_meeting",
    "end_wall",
    "fail_deal",
    "fill_place",
    "follow_outcome",
    "gather_meetings",
    "import_contracts",
    "invite_parties",
    "keep_agenda_item",
    "keep_round",
    "keep_walks",
    "letters",
    "letters_fetched",
    "lift_order",
    "link_contract",
    "lock_meeting",
    "make_paper",
    "make_slots",
    "manages_guest",
    "mark_absent",
    "mark_back",
    "mark_double",
    "mark_most",
    "mark_printed",
    "may_still_answer",
    "miss_meeting",
    "move_meeting",
    "must_publish",
    "name_party",
    "number_warning",
    "object_to_price",
    "offers",
    "open_deal",
    "open_outside_deal",
    "open_round",
    "open_wall",
    "pair_meeting",
    "party_of_code",
    "preview_publishing",
    "propose_parties",
    "publicity_problem",
    "publish_price",
    "publish_timetable",
    "rebase_timetable",
    "receive_payment",
    "record_outcome",
    "refuse_wish",
    "register_contract",
    "remind_districts",
    "remind_parties",
    "remove_document",
    "remove_evidence",
    "replan",
    "rule_on",
    "run_planning",
    "schedule_round",
    "set_instrument",
    "set_order",
    "set_priorities",
    "set_priority",
    "set_targets",
    "settle_objection",
    "side_of",
    "sign_deal",
    "speaks_for",
    "start_planning",
    "stop_planning",
    "strike_payment",
    "submit_contract",
    "sweep_papers",
    "sweep_plannings",
    "take_back_step",
    "take_out",
    "take_step",
    "takes_part",
    "undo_check_in",
    "why_closed",
    "wish",
    "withdraw_party",
    "withdraw_wish",
]
