"""A grid becomes the rows of a table: pure, and independent of the kinds of lists."""
