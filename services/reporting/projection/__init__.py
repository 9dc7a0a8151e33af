"""The active generation of the read models, and the rebuild of a new one."""
