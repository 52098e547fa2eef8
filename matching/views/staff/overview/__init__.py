"""Where it hangs: one page for a head of district and one for the city, every figure of which opens its rows."""
