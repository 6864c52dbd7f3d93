"""Imports every module that registers a reader, so that the registry is full."""

from applications.imports import statistics_sheet as statistics_sheet
