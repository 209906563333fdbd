"""Tests of the host door."""
