PAGE_SIZE = 20
"""Rows on one page of a list."""
