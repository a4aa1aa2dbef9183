"""The handover: under the time that sellers have, each gets the leads that are worth most; the rest is marketing's."""
