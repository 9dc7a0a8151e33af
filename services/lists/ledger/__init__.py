"""What the desk asks of the ledger, over HTTP as every other publisher."""
