"""The HTTP side of the curation service."""
