-- One database a service; none reads another's.
CREATE DATABASE exchange;
CREATE DATABASE registry;
CREATE DATABASE alerts;
