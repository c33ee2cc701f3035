"""What a non-programmer edits (YAML), and its loader."""
