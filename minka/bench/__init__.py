"""The pretend city: invented people, a clock that can be turned, stories, and who stands outside."""
