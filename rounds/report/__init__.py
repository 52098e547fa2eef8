"""The report of a round. `figures` says what is counted and how, `counting` counts it, `text` makes sentences of it,
`document` puts both together once for all forms: the staff page, `word` and `pdf`."""
