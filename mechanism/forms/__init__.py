"""Forms of the public, workbench and staff pages, one module per topic."""
