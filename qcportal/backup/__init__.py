"""Backup and restore independent of the database engine: JSON lines for each table, and every stored file."""
