"""全省统计 and the pace of filing: sums, rates, outliers and comparisons. What computes here is pure Python; only
``filings``, ``reports`` and ``missing`` ask the database, each a fixed number of times.
"""
