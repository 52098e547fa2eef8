"""What the parties and staff do with a deal and its contracts: one module per subject, one function per verb."""
