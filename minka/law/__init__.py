"""The dated rules of each region: what may be done, with which papers, until when, at what fee."""
