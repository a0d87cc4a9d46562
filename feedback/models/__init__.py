"""The trained models: a file of weights and its manifest, text into vectors, and what each head makes of them."""
