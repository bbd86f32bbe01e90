"""What pages and API show: aggregates of ``budget_line`` and the formulas over them.

Nothing here imports CKAN. :mod:`~.groups` turns converted lines into sums, :mod:`~.queries` those of the registry;
:mod:`~.formulas` are pure functions of those sums; :mod:`~.statement` gathers what a document says; :mod:`~.charts` is
geometry.
"""
