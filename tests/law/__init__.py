"""Tests of the dated rules: every entry of the founding text, and what is computed from them."""
