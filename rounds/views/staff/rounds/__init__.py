"""The city's desk for the round itself: when the next is held, its halls and turns, its documents and papers."""
