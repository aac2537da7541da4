"""Site: settings, addresses, command line; the only room that knows them all."""
