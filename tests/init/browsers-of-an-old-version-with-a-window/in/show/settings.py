"""Settings."""

HIDDEN = False
