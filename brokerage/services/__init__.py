"""What is done with requests for help, commissions, plans and public pages: one module for each topic."""
