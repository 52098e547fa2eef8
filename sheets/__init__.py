"""Reading, checking, marking and writing of spreadsheets, without Django.

`reading.read_workbook` → `checking.check_rows` → the caller writes `report.clean_rows`; if there are errors,
`marking.mark_workbook` returns the file with the faulty cells marked. `columns.py` describes the expected columns;
`values.py`, `money.py` and `dates.py` parse cells. `writing.py` makes exports and import templates.
"""
