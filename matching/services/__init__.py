"""What can be done with matches. `runs` makes them; `decisions` is how a review changes, and `review`, `handing`,
`questions`, `followup` and `bulk` are the steps officers take; `undo` takes one back, `looking` says who has what open,
`traces` takes a check's run back; `likeness` says which items resemble each other. `asking` puts an accepted match to
both sides, `following` is what comes of it."""

from matching.services.after_talks import Talk, follow_talk, match_by_hand, note_unfit
from matching.services.asking import (
    answer_unwilling,
    answer_willing,
    inquire,
    may_follow,
    remind_sides,
    reply_to_inquiry,
)
from matching.services.bulk import choose_for_demand, decide_many, preview
from matching.services.checks import answer_check, check_of_code, send_checks
from matching.services.decisions import Overtaken, Step, sent_before
from matching.services.following import (
    back_to_talks,
    close_after_deal,
    close_follow_up,
    give_follow_up,
    hand_to_deal,
    note_progress,
    reach_intent,
    reveal_side,
)
from matching.services.followup import answer_request, ask_broker, hand_over_match
from matching.services.handing import appeal_match, give_match, settle_appeal, take_match
from matching.services.learning import (
    fit_levels,
    lift_effect,
    switch_back,
    switch_ranker,
    train_ranker,
)
from matching.services.likeness import refresh_similar
from matching.services.looking import colleagues_looking, reserve
from matching.services.owners import NobodyToFollow, possible_owners
from matching.services.questions import answer_question, ask_question
from matching.services.review import accept_match, hold_match, mark_duplicate, reject_match, reopen_match
from matching.services.runs import execute_chunk, finish_run, send_chunks, start_run, sweep_runs
from matching.services.traces import forget_matches, remember_matches
from matching.services.undo import UNDO_WITHIN, undo_batch, undo_decision

__all__ = [
    "UNDO_WITHIN",
    "NobodyToFollow",
    "Overtaken",
    "Step",
    "Talk",
    "accept_match",
    "answer_check",
    "answer_question",
    "answer_request",
    "answer_unwilling",
    "answer_willing",
    "appeal_match",
    "ask_broker",
    "ask_question",
    "back_to_talks",
    "check_of_code",
    "choose_for_demand",
    "close_after_deal",
    "close_follow_up",
    "colleagues_looking",
    "decide_many",
    "execute_chunk",
    "finish_run",
    "fit_levels",
    "follow_talk",
    "forget_matches",
    "give_follow_up",
    "give_match",
    "hand_over_match",
    "hand_to_deal",
    "hold_match",
    "inquire",
    "lift_effect",
    "mark_duplicate",
    "match_by_hand",
    "may_follow",
    "note_progress",
    "note_unfit",
    "possible_owners",
    "preview",
    "reach_intent",
    "refresh_similar",
    "reject_match",
    "remember_matches",
    "remind_sides",
    "reopen_match",
    "reply_to_inquiry",
    "reserve",
    "reveal_side",
    "send_checks",
    "send_chunks",
    "sent_before",
    "settle_appeal",
    "start_run",
    "sweep_runs",
    "switch_back",
    "switch_ranker",
    "take_match",
    "train_ranker",
    "undo_batch",
    "undo_decision",
]
