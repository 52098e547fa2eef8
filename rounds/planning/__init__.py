"""From the rows of a round to the engine's event and back: `day` reads, `versions` keeps plans, `conflict` says why
there is none, `changes` what differs, `cells` where a meeting could go."""
