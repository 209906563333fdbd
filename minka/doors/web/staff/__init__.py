"""Pages for staff: the frame of every desk, the hotline console and the counter."""
