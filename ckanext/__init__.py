"""Namespace package shared with CKAN and its other extensions."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
