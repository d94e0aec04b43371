"""Photos of people: what is where on the body."""
