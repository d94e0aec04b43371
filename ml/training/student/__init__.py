"""How the student (:mod:`ml.tryon.student`) is taught."""
