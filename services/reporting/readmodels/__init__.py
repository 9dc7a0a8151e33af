"""The read models of reporting, a module or a package each; `catalog` lists them."""
