"""Tests that start, kill, upgrade or restore a whole installation: `bootstrap.py test tests/drills`."""
