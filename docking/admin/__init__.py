"""The staff's door to rounds, one file per model; importing registers each."""

from docking.admin import party, round

__all__ = ["party", "round"]
