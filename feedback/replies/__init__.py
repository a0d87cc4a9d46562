"""What the public is told of what was done: drafted from the record, released by a person, and an easy-read version."""
