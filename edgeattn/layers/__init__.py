"""Attention layers for Keras 3, one a file; every module here is imported before a model file is read."""
