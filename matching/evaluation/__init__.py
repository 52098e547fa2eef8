"""Evaluation of engines on judged pairs.

`judgments`: the common form of judged pairs; `judgment_file`, `demo_city` and `decisions`: their sources;
`engine_scores`: scores as a run would compute them; `formatting`: metrics as text.
"""
