"""The staff's door to rounds, one file per model; importing registers each."""

from docking.admin import round

__all__ = ["round"]
