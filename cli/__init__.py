"""The front door: one command per verb. No rule lives here: parse, one call, print."""
