"""Kinds of water."""
