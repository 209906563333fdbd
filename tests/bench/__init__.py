"""Tests of the pretend city and of the command line."""
