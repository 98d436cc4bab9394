package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// owner is whose a span is: the request of a load that its path or SQL text names, a background job, or
// nobody that is known. The product does not look at these ids.
type owner struct {
	load       string
	request    int
	background bool
}

func (o owner) known() bool { return o != owner{} }

var idForm = regexp.MustCompile(`([0-9a-z]+)-([0-9]{5})\b`)

// ownerOf reads it from what was asked for.
func ownerOf(resource string) owner {
	if strings.HasPrefix(resource, "/background/") {
		return owner{background: true}
	}
	m := idForm.FindStringSubmatch(resource)
	if m == nil {
		return owner{}
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return owner{}
	}
	return owner{load: m[1], request: n}
}

func (o owner) String() string {
	if o.background {
		return "a background job"
	}
	return fmt.Sprintf("%s-%05d", o.load, o.request)
}
