"""Who is who: communes, EPCI, départements and régions by SIREN or INSEE code, and what the law expects of them."""
