package sys

// Try loads and attaches the programs of a variant as a capture would, and takes them away again. It
// returns which hooks work.
func Try(v Variant) (hooks string, err error) {
	c := Config{Variant: v}
	if err := c.fillIn(); err != nil {
		return "", err
	}
	p, err := load(c.Variant, options{payload: c.Payload, ring: c.Ring})
	if err != nil {
		return "", err
	}
	defer p.Close()
	return p.build.String(), nil
}

// TryTLS loads the programs that see what is said inside of TLS as a capture would, and takes them away again.
func TryTLS() error {
	c := Config{TLS: TLSConfig{On: true}}
	if err := c.fillIn(); err != nil {
		return err
	}
	p, err := load(c.Variant, options{payload: c.Payload, ring: c.Ring})
	if err != nil {
		return err
	}
	defer p.Close()
	t, err := prepareTLS(&c, p)
	t.Close()
	return err
}
