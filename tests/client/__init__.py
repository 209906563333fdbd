"""Tests of the library for hospital software."""
