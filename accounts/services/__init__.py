"""What people and organisations do with their accounts: one module per subject, one function per verb."""
