"""The version of the package; libkindling must have the same."""

__version__ = "0.1.0"
