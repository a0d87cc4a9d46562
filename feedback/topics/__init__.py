"""What people keep speaking of that no theme names: found, kept under a stable number, watched, and made a local theme."""
