"""Care contacts of episodes: windows, states, what is announced, and what became of each."""
