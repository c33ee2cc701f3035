"""archive -> articles -> facts."""
