"""A programme as a folder tree: one folder for each enterprise as in the notice, an index, checksums."""
