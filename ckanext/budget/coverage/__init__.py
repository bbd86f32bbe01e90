"""Who has published what, and what is missing: the region's dashboard and the grid of one collectivité."""
