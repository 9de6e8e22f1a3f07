"""Watches a page of advertisements and tells a chat about new ones."""
