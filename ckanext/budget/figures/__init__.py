"""What pages and API show: aggregates of ``budget_line``, the formulas over them, what they are called and mean.

Nothing here imports CKAN; amounts are euros and shares fractions (``Decimal``); None says «not there», never zero.
The map, from the document to the page:

Which documents
    :class:`.document.Document` (identity, étape, what the file declares, its debt); :func:`.document.described` makes
    one of a row of the registry. :func:`.documents.find` reads those in force of SIREN, SIRET, years, étapes;
    :func:`.document.prevailing` leaves out the CA of a year that has a CFU; :func:`.document.stage_of` reads «dm-2».

Lines, summed
    :func:`.queries.of_documents` gives :class:`.groups.Group` by document in one query: with
    ``KEYS_BY_FUNCTION`` for a document's page, ``KEYS_OF_FORMULAS`` for years; :func:`.queries.blocks_of` by
    function or chapter alone; :func:`.queries.terms_of` one row a document.

Figures of a document
    :func:`.values.of_document` → :class:`.values.Value` by id (value, per inhabitant, declared and recomputed);
    :func:`.values.comparable_before` and :func:`.values.with_before` (last year's, change), :func:`.values.headlines`.
    What a figure is called, means, is made of and comes from: :class:`.definitions.Figure`. Formulas, categories,
    prices and strata are JSON with a schema (``data/``), which settings replace (:mod:`ckanext.budget.rules`).
    :func:`.statement.of_groups`: the four blocks by chapter, crédits ouverts against réalisé.

Breakdowns
    :func:`.tree.by_category`, :func:`.tree.by_function`, :func:`.tree.by_chapter` → :class:`.tree.Node`;
    :func:`.tree.per_hundred` («sur 100 €»); :func:`.tree.has_functions`.

Results, votes
    :func:`.results.affectation`; :func:`.results.council` (BP + BS + DM, étapes missing).

Years
    :func:`.series.timeline` of one budget's documents (gaps, changes of norm, CFU over CA), then
    :func:`.series.of_figures`, :func:`.series.of_chapters` (73 + 731 joined…), :func:`.series.of_categories`;
    :class:`.series.Euros` holds prices (:mod:`.prices`) and inhabitants.

Other budgets
    :func:`.compare.of_figures`, :func:`.compare.of_categories`, :func:`.compare.spread`; :mod:`.strata` (groups,
    «semblable»). Per inhabitant only.

Finding lines
    :func:`.aggregates.of_documents` (one dimension of several documents, one query); :func:`.search.amounts` (an
    account, a category, over years and communes), :func:`.search.accounts` (words, with small trends),
    :func:`.search.lines`.

Versions and charts
    :mod:`.difference`, :mod:`.charts`; :mod:`.formulas` are the formulas that controls of quality use.
"""
