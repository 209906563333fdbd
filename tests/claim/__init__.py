"""Claims for the expense of a loss period, and signs of lending."""
