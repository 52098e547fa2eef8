"""Search over everything the public may read: words, sentences, numbers, names.

Read in this order: `documents` (what is searched), `index` (the tables kept in each process), `query` (what a query may
mean), `ranking` (which documents answer it, and why), `results` (the same for the lists and the page).
"""
