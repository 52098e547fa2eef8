class UnreadableDocument(Exception):
    """A document that cannot be read. The message says in Chinese what is wrong and how to fix it."""
