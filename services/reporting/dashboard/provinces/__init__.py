"""The pages of forwarding: the ledgers that forward to this one, and the forwarding of this one."""
