"""The staff pages of a round's report: `pages` answers looking (report, rows behind a figure, files), `deeds` doing."""
