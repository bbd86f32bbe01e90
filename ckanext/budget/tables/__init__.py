"""Room of the pure pipeline: tables that people send (SCDL CSV, spreadsheets). Never imports CKAN."""
