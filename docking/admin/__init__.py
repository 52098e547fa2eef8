"""The staff's door to rounds, one file per model; importing registers each."""

from docking.admin import agenda, deal, party, round

__all__ = ["agenda", "deal", "party", "round"]
