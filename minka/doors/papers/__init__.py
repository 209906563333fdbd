"""Papers that are handed out or printed at home: PDF, tagged, one page, every instant computed."""
