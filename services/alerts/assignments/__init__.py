"""Who of a facility's staff is named for an episode: one worker or several, for some days or for good."""
