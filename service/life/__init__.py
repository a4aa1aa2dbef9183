"""What happens to a kept lead: activities, outcomes, feedback; its state, its scores over time, its end."""
