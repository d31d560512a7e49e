"""What the words of a command say about images: a module per family of tools, tables where a table will do."""
