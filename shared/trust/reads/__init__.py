"""Signed reads: the HTTP message signatures (RFC 9421) by which publishers read what is theirs."""
