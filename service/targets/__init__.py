"""Targets of sales: what is to be won by a day, what is won and expected, and how many leads are missing."""
