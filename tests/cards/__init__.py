"""Tests of the register card: its life, its blocks, its standing."""
