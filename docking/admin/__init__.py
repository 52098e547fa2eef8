"""The staff's door to rounds, one file per model; importing registers each."""

from docking.admin import deal, party, round

__all__ = ["deal", "party", "round"]
