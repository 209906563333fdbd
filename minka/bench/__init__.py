"""The pretend city: invented people, a clock that can be turned, and who stands outside."""
