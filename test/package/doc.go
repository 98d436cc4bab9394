// Package archive checks the built Grafana app, the folder dist or the zip made of it,
// against the rules of Grafana's plugin validator
// (https://github.com/grafana/plugin-validator) that can be checked without a network.
// Rules are named after the validator's analyzers, so that what it says about a rule is
// easily found. Beyond it, executables must be what their names say, and dashboards must
// have the uids that plugin.json promises.
//
// Not checked, as they ask other machines: org, published, signature, manifest (signing),
// provenance, safelinks, osv-scanner, virusscan, whether links lead anywhere, the age of
// the SDK. code-rules and govulncheck read the source: for pkg/ the first is in
// layers_test.go. Nothing here has been seen by the validator itself.
package archive
