"""What happens when: nightly, monthly."""
