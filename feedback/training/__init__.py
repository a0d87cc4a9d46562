"""What the models learn from, and how: `feedback train`. Only this room needs PyTorch."""
