"""Operations that change records of the mechanism app: one function per operation, grouped by topic."""
