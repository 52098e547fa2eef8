"""Databases of earlier releases, and the test that upgrades them."""
