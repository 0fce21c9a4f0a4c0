"""Columns of the tables, one module per table: a new column of one is no change of code behind the others."""
