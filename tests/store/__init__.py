"""Tests of the register, on real servers."""
