"""The list desk: a publisher with a web face, for offices that keep the movement in workbooks."""
