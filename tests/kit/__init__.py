"""Tests of the kit for vendors."""
