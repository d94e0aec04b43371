"""Dressing people: the engine protocol, the table of engines, and the engines."""
