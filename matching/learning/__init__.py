"""Learning from decisions.

`training_examples` reads decisions as examples; `run_scoring` applies what was learned in a run; `decision_effects`
finds the effects of single decisions; `level_precision` tells how often matches of a level were accepted.
"""
