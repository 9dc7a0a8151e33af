"""Routes for publishers: POST /events, parked and refused events, receipts, quarantine."""
