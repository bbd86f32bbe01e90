"""The annexes of a budget as open tables, each under its written privacy rule."""
