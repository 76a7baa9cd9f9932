"""Descriptors: the YAML files that teams write, refused before they are understood and then read into typed models."""
