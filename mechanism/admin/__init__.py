"""The city's desk for the mechanism; importing registers each model."""

from mechanism.admin import bases, evaluations, funds, honours, policies, targets, ventures, work

__all__ = ["bases", "evaluations", "funds", "honours", "policies", "targets", "ventures", "work"]
