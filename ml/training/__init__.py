"""Recipes that train what ``ml/models`` holds. Nothing at run time imports this package."""
