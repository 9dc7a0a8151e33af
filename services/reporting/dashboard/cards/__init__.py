"""The pages of one model, award or organisation, and the exchange of good models."""
