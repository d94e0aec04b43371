"""Photos of single garments: where the cloth is, what it dresses, its landmarks."""
