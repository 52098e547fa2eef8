"""Admin of rounds, one module a model; importing registers them."""

from rounds.admin import agenda, avoided_period, party, round  # noqa: F401
