"""Text of pages for tests."""


def visible(html: str) -> str:
    """The HTML with every run of whitespace as one space, as browsers show it."""
    return " ".join(html.split())
