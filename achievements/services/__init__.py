"""Operations on achievements, one module per group of verbs."""
