"""Tests of what people see of an account: balance, statement, question, at every door."""
