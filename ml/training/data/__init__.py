"""Adapters from published data sets to what the recipes train on."""
