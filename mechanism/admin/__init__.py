"""The city's desk for the mechanism; importing registers each model."""

from mechanism.admin import bases, funds, policies, targets, ventures, work

__all__ = ["bases", "funds", "policies", "targets", "ventures", "work"]
