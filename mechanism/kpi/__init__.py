"""The city's figures: counted from records, never stored. Page, API, workbook and command read the one registry.

`period` and `where` say what is asked, `figure` what a figure is, `registry` which there are, `counting` counts and
splits them, `lines` words the rows behind, `targets` and `changes` say how far it is and what altered a past figure.
"""
