"""Room of the pure pipeline. Never imports CKAN."""
