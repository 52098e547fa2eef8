"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round

__all__ = ["archive_round", "begin_round", "close_ended_rounds", "close_round", "open_round"]
