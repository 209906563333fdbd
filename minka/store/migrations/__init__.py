"""Migrations: the register's SQL files in order, then the reference tables."""
