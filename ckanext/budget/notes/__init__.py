"""Texts that a collectivité pins to an item of its budget: kept with their history, over the versions of documents."""
