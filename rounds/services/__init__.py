"""What staff and guests do with a round: one module per subject, one function per verb."""
