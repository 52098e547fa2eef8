"""Key figures of the city. Figures are counted from records on every request and are never stored.

The dashboard, the API, the workbooks and the `kpi` command all read `registry.FIGURES`.

- `period` and `query_scope` parse what is requested.
- `definitions` declares a figure; `registry` lists all figures.
- `counting` counts and splits figures; `aggregation` builds the SQL; `totals` holds the results.
- `records` describes the rows behind a figure.
- `targets` compares a figure with its target; `figure_changes` lists the edits that changed a past figure.
- `disclosure_control` and `public_report` decide what the public page shows.
"""
