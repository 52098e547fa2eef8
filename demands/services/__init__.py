"""Operations on demands, one module per group of verbs."""
