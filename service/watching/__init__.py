"""Whether the model that serves can be trusted now: promises against purchases, and new leads against those it knew."""
