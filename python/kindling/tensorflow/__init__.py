"""Caches as ``tf.data.Dataset`` objects."""

from kindling.tensorflow.dataset import IgniteDataset

__all__ = ["IgniteDataset"]
