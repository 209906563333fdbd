"""Tests of readers and vaults."""
