"""Reading of odd human spellings in collection sheets: each cell is read, proposed, asked or refused."""
