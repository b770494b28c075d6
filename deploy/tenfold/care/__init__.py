"""`tenfold care`: women who agreed, at a made-up facility; nine months in seconds."""
