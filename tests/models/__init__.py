"""Tests of the shelf and of MLflow's registry beside it."""
