"""The archive: the log as immutable Parquet files, and past years replayed from them."""
