"""An uploaded file becomes a grid of cells: checked as an archive, then read in a child process."""
