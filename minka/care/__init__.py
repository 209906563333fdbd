"""What care costs and who bears it: lines, bills, the split of a bill, its trace."""
