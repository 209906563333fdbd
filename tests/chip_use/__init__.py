"""The chip in the city's use: card beside file, writes, hand-over, purchases without a line."""
