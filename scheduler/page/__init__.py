"""The web page: what it asks, what it is told, and the file that it can be mailed as. There is no HTTP here."""
