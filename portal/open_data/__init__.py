"""Open data: what everybody may read, as whole data sets (docs/open-data.md)."""
