"""Drawings of figures as SVG, made on the server, and the same as files of SVG and PNG."""
