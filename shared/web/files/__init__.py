"""Tables as files of an office: workbooks (xlsx), documents (docx) and CSV, from one table."""
