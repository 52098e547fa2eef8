"""What looks suspicious in contracts, deals and payments. Pure functions over `facts.Snapshot`, without Django.

`registry.SIGNALS` lists them with their thresholds and texts.
"""
