"""What publishers use: POST /events, parked and refused events, receipts, quarantine."""
