"""The report of a round. `figures` defines what is counted, `counting` counts, `text` writes sentences, `document`
combines both for all output formats: the staff page, `word` and `pdf`."""
