"""What officers and both sides do with a match: one module per subject, one function per verb."""
