"""The lists of deals and contracts: filters, columns, sums and exports."""
