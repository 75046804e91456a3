"""Tests of the diagnosis without a model."""
