"""Tests of everything that leaves the house, against a demo bank, SMS centre and terminals."""
