"""Workbooks that the desk makes: templates, and the annotated copy of an upload."""
