"""Tests of a replacement: promise, fee, collection, activation."""
