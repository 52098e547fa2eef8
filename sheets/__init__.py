"""Is this sheet readable, and what stands in it? Reading, checking, marking and writing of workbooks, without Django.

reading.read_workbook → checking.check_rows → (marking.mark_workbook gives the file back for repair) → the caller
writes `report.rows`. columns.py says what a sheet should have; values.py, money.py and dates.py parse its cells.
"""
