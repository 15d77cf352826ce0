"""WHEN a number may be dialled: zones, weekly hours, calendars, and the levels that decide them.

Pure values and functions. Nothing here reads a clock, draws luck, or opens a file other than the
pinned time zone database.
"""
