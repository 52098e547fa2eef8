"""Admin of the mechanism app; importing the modules registers the models."""

from mechanism.admin import (
    bases,
    challenge_reviews,
    evaluations,
    funds,
    honours,
    policies,
    subsidies,
    targets,
    tasks,
    ventures,
)

__all__ = [
    "bases",
    "challenge_reviews",
    "evaluations",
    "funds",
    "honours",
    "policies",
    "subsidies",
    "targets",
    "tasks",
    "ventures",
]
