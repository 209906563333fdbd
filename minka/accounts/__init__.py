"""Accounts: the chart, entries that sum to zero, what purpose-bound money may not do."""
