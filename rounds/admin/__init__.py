"""Admin of rounds, one module a model; importing registers them."""

from rounds.admin import agenda, party, round  # noqa: F401
