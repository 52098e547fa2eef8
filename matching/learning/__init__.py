"""Learning from decisions: `examples` reads them, `applied` is what a run makes of what was learned, `effects` what
single decisions change, `record` what the words 高, 中, 低 have meant so far."""
