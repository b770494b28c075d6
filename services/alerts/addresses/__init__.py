"""Secret addresses: a worker's own JSON Feed or calendar of counts, which any reader of feeds can be pointed at."""
