"""Stories: one plain text that is input and expectation, readable by a clerk."""
