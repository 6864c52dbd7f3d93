"""What leaves the portal as files: lists, books, a programme's archive; and the pages that search the audit trail."""
