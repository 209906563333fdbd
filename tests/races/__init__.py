"""Races on a real register: real connections, real locks, real clocks."""
