"""The second reader: a language model of the city's own that grades candidates of the engine, with quotations.

It uses no Django and no database. `prompt`: the fixed instructions; `questions`: one need and several achievements as
data; `answers`: strict check of what a model said; `client`, `recordings`: where answers come from; `asking`: limits,
retries and the breaker; `reading`: many needs with a cache; `masking`, `embedded_orders`: what is taken out of a text
before it leaves; `indicators`, `drafts`: questions of forms and the check of their answers, with `numbers`;
`page_asker`: asks these while a person waits. `matching.readings` connects it with the platform.
"""
