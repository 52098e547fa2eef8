"""The pre-docking board: what each district has still to do before a round, every figure of which opens its rows."""
