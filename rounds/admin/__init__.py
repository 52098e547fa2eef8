"""The staff's door to rounds, one file per model; importing registers each."""

from rounds.admin import agenda, party, round
from deals import admin

__all__ = ["agenda", "deal", "party", "round"]
