"""The review desk, a page of its own in which officers decide proposals by single keys.

`queue` and `by_demand` are its two pages, `decisions` and `bulk` take what the officer decided, `choices` fills the
dialogs, `preferences` stores a setting. Which matches are listed and what is shown of a pair is in
`matching.review_queue` and `matching.review_pairs`.
"""
