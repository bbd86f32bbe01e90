"""How fast, how small, how sturdy: measured with one command, beside others' tools.

``python -m benchmarks generate SIZE -o FILE``  a realistic fictitious budget of 2k, 20k, 200k or 1M lines
``python -m benchmarks run [--quick]``          the table and the gates; writes benchmarks/RESULTS.md
``python -m benchmarks soak --count N``         damaged variants of real files: each converted whole or refused
"""
