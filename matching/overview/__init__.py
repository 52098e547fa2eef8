"""审核进展: figures of the review for heads of district and the city. Each figure counts rows that can be opened.

`scope` says whose rows, `figures` defines the figures, `tables` groups them, `exports` writes workbooks.
"""
