"""Operations of matching: one module per subject, one function per verb. Import from the module."""
