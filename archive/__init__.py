"""The WARC files and their index: write, verify, read by offset, replay."""
