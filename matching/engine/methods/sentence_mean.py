"""Method p3: p2 for the whole demand and for each of its sentences, averaged."""

from matching.engine.corpus import Item
from matching.engine.methods.conceptual import ConceptualMethod
from matching.engine.sentences import split_sentences


class SentenceMeanMethod(ConceptualMethod):
    """total = mean of the totals of p2 over the demand, its title and its sentences.

    A need lists several problems, and a firm's text also says what every project says. Each sentence is a query with a
    mean and a standard deviation of its own, so a sentence in common words adds the same to every achievement, and an
    achievement that answers one of the problems is found although the rest of the text is about something else.
    """

    name = "p3"
    pass_mark = 3.8
    title_share = 0.3

    def _queries_of(self, demand: Item) -> list[Item]:
        """Return the demand itself, its title and its sentences."""
        return [demand, *(Item(0, text) for text in (demand.title, *split_sentences(demand.text)) if text.strip())]
