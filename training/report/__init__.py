"""The report: one page a model that says what it learned from, how good it is, and what it knows."""
