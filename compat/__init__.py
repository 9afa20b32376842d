"""Documents of other programs: read into workflows, and written from them."""
