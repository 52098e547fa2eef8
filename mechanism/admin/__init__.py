"""Admin of the mechanism app; importing the modules registers the models."""

from mechanism.admin import bases, evaluations, funds, honours, policies, subsidies, targets, tasks, ventures

__all__ = ["bases", "evaluations", "funds", "honours", "policies", "subsidies", "targets", "tasks", "ventures"]
