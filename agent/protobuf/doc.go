// Package protobuf reads and writes protobuf messages field by field, for those that come often and
// become others at once: no objects are made of them. A Message (a table of fields) says how the same
// message reads in JSON.
package protobuf
