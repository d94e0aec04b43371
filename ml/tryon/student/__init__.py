"""A small engine that needs no parse, pose or DensePose: taught by another engine.

:mod:`ml.training.student` trains it; a shop that did finds its weights under ``student``.
"""
