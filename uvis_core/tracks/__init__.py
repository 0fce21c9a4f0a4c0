"""Follows objects through videos and writes tracked, classified masks."""
