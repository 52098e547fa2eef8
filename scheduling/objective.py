"""Weights of the soft constraints, in units of the largest weight of a meeting.

The weight of a meeting comes with the event (`RequestedMeeting.weight`).
"""

SERVED_PARTY_VALUE = 100.0
"""Value of a party with at least one meeting: no sum of meetings outweighs it, so serving parties comes first."""
SPREAD_PENALTY = 1e-3
"""Penalty of an uneven spread over the parties: it decides only between schedules of equal weight."""
