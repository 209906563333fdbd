"""Tests of Minka."""
