"""The staff's door to rounds, one file per model; importing registers each."""

from deals import admin
from rounds.admin import agenda, party, round

__all__ = ["agenda", "deal", "party", "round"]
