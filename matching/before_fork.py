"""What processes that compare texts have in common: loaded once, before they are forked, it is in memory once."""


def load_engine() -> None:
    """Import NumPy, SciPy and the engine, and read its thesaurus and its dictionary of words."""
    from matching.engine import ranking  # noqa: F401  # imports NumPy and SciPy
    from matching.engine.noun_phrases import dictionary_of_words
    from matching.engine.thesaurus import default_thesaurus

    default_thesaurus()
    dictionary_of_words()
