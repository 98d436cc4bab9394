package session

// Kept is how many bytes a connection keeps for what waits.
func (c *Conn) Kept() int { return c.bytes }
