"""Operations on the directory of agencies and brokers, one module per group of verbs."""
