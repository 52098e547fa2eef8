"""Services of the office's correspondence: hand over, answer by link, send; feedback; monthly letters."""
