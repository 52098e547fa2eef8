"""Key figures of the city. Figures are counted from records on every request and are never stored.

The dashboard, the nine tasks, the report of a round, the API, the workbooks and the `kpi` command all read
`registry.FIGURES`. No other module counts what is shown as a figure of the city (`tests/laws`).

- `period` and `query_scope` parse what is requested.
- `definitions` declares a figure and its parts; `definition_versions` computes the version of a definition; `registry`
  lists all figures.
- `contract_parts` declares 平台促成, 未到账 and 关联.
- `counting` counts and splits figures; `aggregation` builds the SQL; `totals` holds the results.
- `records` describes the rows behind a figure.
- `targets` compares a figure with its target; `figure_changes` lists the edits that changed a past figure.
- `disclosure_control` and `public_report` decide what the public page shows.
"""
