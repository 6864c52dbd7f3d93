"""The audit trail for people: search, sentences, who looked at what."""
