"""Runs the signals over a snapshot."""

from collections.abc import Mapping

from integrity.signals.facts import Finding, Limits, Snapshot
from integrity.signals.registry import SIGNALS


def detect(snapshot: Snapshot, limits_by_signal: Mapping[str, Limits]) -> list[Finding]:
    """All findings of the signals named in `limits_by_signal`. The same snapshot gives the same list."""
    return [
        finding
        for key, signal in SIGNALS.items()
        if key in limits_by_signal
        for finding in signal.find(snapshot, limits_by_signal[key])
    ]
