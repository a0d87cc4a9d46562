"""How far two readings of the same comments agree: between people, and between people and the models."""
