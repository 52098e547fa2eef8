"""What a document says about an achievement, with the place of each statement. Without Django.

`worker` turns bytes into lines in a process of its own; `reading.read_document` turns lines into candidates.
"""
