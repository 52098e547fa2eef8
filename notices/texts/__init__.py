"""What the platform sends to people outside it: declared by its app, worded by the city, written with values.

`declared` is the list of texts, `fields` replaces placeholders, `checks` says what a text of the city may not be,
`writing` finds the wording in use.
"""
