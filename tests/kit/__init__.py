"""Tests of what has no noun of the domain."""
