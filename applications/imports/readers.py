"""Imports every module that registers a reader, so that the registry is full."""

from applications.imports import statistics_sheet as statistics_sheet
from applications.imports import word_files as word_files
