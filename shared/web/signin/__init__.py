"""Sign-in for all pages: cookie, forms, pages, and the right of every route."""
