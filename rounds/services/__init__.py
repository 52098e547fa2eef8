"""Services of docking rounds: one module a subject, one function a verb."""
