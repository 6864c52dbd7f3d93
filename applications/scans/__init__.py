"""盖章扫描件: what comes back from the printer, the stamp and the scanner.

upload    files from a scanner or a phone as one PDF
reading   the pages of a PDF as pictures, and the codes on them
judging   which page belongs where, and what is wrong (pure: no database)
handlers  what the outbox calls
"""
