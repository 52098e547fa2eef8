"""What is printed for a round. `content` gathers, `templates/papers/` say how it looks, `pdf` sets the pages."""
