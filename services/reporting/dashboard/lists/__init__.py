"""The lists as pages: filtered, sorted by any column, page by page, and as files."""
