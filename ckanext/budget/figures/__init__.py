"""What pages and API show: aggregates of ``budget_line`` and the formulas over them.

Nothing here imports CKAN. :mod:`~.groups` turns lines (from SQL or from a conversion) into sums; :mod:`~.formulas`
are pure functions of those sums; :mod:`~.statement` gathers what a document says; :mod:`~.charts` is geometry.
"""
