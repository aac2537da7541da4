"""One module per command of `parkbench`."""
