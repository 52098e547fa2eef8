"""The day as it is shown: who is expected and here, a party's own talks, the tables of a hall. Nothing here writes."""
