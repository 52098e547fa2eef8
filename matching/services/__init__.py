"""What can be done with matches. `runs` makes them, `review` decides them, `followup` hands them to a broker,
`traces` takes a check's run back."""

from matching.services.followup import answer_request, ask_broker
from matching.services.review import accept_match, reject_match, reopen_match
from matching.services.runs import execute_chunk, finish_run, send_chunks, start_run, sweep_runs
from matching.services.traces import forget_matches, remember_matches

__all__ = [
    "accept_match",
    "answer_request",
    "ask_broker",
    "execute_chunk",
    "finish_run",
    "forget_matches",
    "reject_match",
    "remember_matches",
    "reopen_match",
    "send_chunks",
    "start_run",
    "sweep_runs",
]
