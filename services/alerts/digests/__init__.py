"""The daily digest: once a facility and day, how much there is to do. An entry of the facility's feed."""
