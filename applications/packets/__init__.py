"""Printed documents: packets, judges' copies, receipts, paper sets, bundles. Made from frozen versions alone.

content    frozen JSON as the templates of templates/pdf want it, for each audience
evidence   any uploaded file as PDF pages, or the reason why not
assembly   parts put together: page numbers, footer on every page, bookmarks
building   what the outbox handlers call: render, store, one row
sets       paper set and electronic folder of one enterprise and round
opinions   the page of a recommending unit's opinion, beside the packet and never in it
blanks     empty forms to download
"""
