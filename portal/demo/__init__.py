"""Load the fictional city of `demo_city/` into the database through the ordinary services."""

from portal.demo.loading import DemoRefused, load_demo_city

__all__ = ["DemoRefused", "load_demo_city"]
