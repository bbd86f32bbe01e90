"""Console script ``budget-scdl``: convert, inspect, occult and check budgets with neither CKAN nor a database.

Exit codes: 0 done, 1 the checked CSV is invalid, 2 refused (unreadable, not a budget, wrong use).
"""

from ckanext.budget.standalone.command import main

__all__ = ["main"]
