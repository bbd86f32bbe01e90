"""Words: the glossary and the data dictionary, as versioned data in French and English. No CKAN here."""
