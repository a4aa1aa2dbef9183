"""Webhooks out, against real receivers."""
