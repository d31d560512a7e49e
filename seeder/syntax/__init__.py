"""Parsers that keep positions: every character, at any depth, knows its bytes in the file."""
