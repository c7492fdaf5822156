"""Work in a process of its own, at the other end of a socket: it may crash, swell or burn without harm to this one."""
