"""The pages of the list desk; none of them needs JavaScript."""
