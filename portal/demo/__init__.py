"""The invented city of `demo_city/` as rows: entered, reviewed and matched through the services of real work."""

from portal.demo.loading import DemoRefused, load_demo_city

__all__ = ["DemoRefused", "load_demo_city"]
