"""CKAN glue of ckanext-budget."""
