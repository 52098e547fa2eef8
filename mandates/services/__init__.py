"""What is done with mandates: one module for each topic."""
