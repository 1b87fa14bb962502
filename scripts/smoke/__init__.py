"""The first hour on a real account: what is checked, and the table that comes out."""
