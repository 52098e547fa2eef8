"""Conversion between the rows of a round and the scheduling engine's event.

`snapshot` reads, `stored_plans` saves plans, `problems` explains missing plans, `changes` compares versions,
`move_targets` finds places for a meeting, `messages` rewrites the checker's sentences.
"""
