"""Accuracy against labelled files."""
