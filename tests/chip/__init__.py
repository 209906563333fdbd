"""Tests of the chip room."""
