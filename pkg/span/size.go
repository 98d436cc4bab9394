package span

// About what a row takes in the columns of fixed size, an attribute beside its value, and a resource
// or one of its attributes beside their texts.
const (
	rowBytes      = 400
	pairBytes     = 6
	resourceBytes = 64
)

// Size is about how many bytes of memory the rows and the string table take, without the edges and
// OTel resources. It costs the same however many rows there are.
func (b *Batch) Size() int {
	return b.Len()*rowBytes + len(b.Attributes.Keys)*pairBytes + b.Strings.Size() + len(b.Attributes.Values.Data) +
		len(b.Events.Data) + len(b.Links.Data) + len(b.Resource.Data) + len(b.StatusMessage.Data) + len(b.TraceState.Data) +
		len(b.RequestID.Data) + len(b.XRequestID.Data) + len(b.XResponseID.Data)
}

// Size is about how many bytes of memory a resource takes.
func (r *Resource) Size() int {
	n := resourceBytes
	for _, a := range r.Attributes {
		n += resourceBytes + len(a.Key) + len(a.Value)
	}
	return n
}

// ResourcesSize is about how many bytes of memory the batch's OTel resources take.
func (b *Batch) ResourcesSize() (n int) {
	for i := range b.OTelResources {
		n += b.OTelResources[i].Size()
	}
	return n
}
