"""Tables as office files: workbooks (xlsx), documents (docx) and CSV, from one model."""
