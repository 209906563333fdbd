"""Tests of the national insurance interface."""
