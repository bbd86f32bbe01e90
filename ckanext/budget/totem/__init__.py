"""What comes in: sniffing, streaming reading, occultation of TotEM and CFU files. Never imports CKAN."""
