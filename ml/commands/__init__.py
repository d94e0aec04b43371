"""The command line: one module per command, each with ``add`` (its options) and ``run``.

Heavy imports happen inside ``run``, so that ``--help`` and wrong options answer at once.
"""
