"""The second reader on the platform: from rows to masked texts, from answers to proposals, pages and figures.

`configuration`: settings; `texts`: what may leave the house; `answer_store`: answers kept for reuse; `policy`:
proposals by grade; `levels`: probabilities of grades from decisions; `progress`, `shown`, `quality`: what pages
say of it; `form_texts`: what leaves of a form.
`matching.reader` asks and checks; `matching.services.reading` runs it, `matching.services.form_proposals` asks for
forms.
"""
