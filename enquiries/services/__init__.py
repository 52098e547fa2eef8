"""What is done with approaches: begin, answer, talk, dock, end, block, remind.

`begin_approach` and everything after it serve both directions: an enquiry about an achievement and an answer to a
demand.
"""
