"""Evaluation in the open: pairs that people judged, whatever they come from, and what an engine makes of them.

`cases` is what they all become; `graded_file`, `demo_city` and `decided` are where they come from; `wording` says the
figures in a table for people.
"""
