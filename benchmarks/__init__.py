"""How fast a try-on is: ``python -m benchmarks`` (``make bench``)."""
