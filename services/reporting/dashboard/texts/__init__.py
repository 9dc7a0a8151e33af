"""The texts of the dashboard, in Vietnamese and in English."""
