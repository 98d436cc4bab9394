// Package confine takes from a process what it does not need any more: capabilities, the hope of new
// ones, and system calls. What is taken stays taken, also from its children.
package confine
