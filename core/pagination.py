"""Page size shared by the paginated lists."""

PAGE_SIZE = 20
