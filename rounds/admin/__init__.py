"""Rounds in the admin, one module per model; importing registers each."""

from rounds.admin import agenda, party, round  # noqa: F401
