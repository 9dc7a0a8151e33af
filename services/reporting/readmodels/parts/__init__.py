"""What several read models are made of."""
