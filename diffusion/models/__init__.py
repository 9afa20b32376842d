"""The networks, one file each, named and keyed as in the original releases."""
