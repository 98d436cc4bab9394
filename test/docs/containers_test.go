package docs

import (
	"strings"
	"testing"
)

// Images are one static program each, which is built for the machine that the image is for, on any machine; only the agent is root.
func TestContainerFiles(t *testing.T) {
	t.Parallel()
	for file, base := range map[string]string{"Dockerfile.server": "gcr.io/distroless/static-debian12:nonroot", "Dockerfile.agent": "gcr.io/distroless/static-debian12"} {
		stages := strings.Split(read(t, "deploy/"+file), "\nFROM ")
		if len(stages) != 3 {
			t.Fatalf("%s has %d stages, want 2", file, len(stages)-1)
		}
		build, image := stages[1], stages[2]
		for _, want := range []string{"--platform=$BUILDPLATFORM golang:", "ARG TARGETOS TARGETARCH", "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -o /out/throughline ./cmd/throughline"} {
			if !strings.Contains(build, want) {
				t.Errorf("%s: the first stage lacks %q", file, want)
			}
		}
		if from, _, _ := strings.Cut(image, "\n"); from != base {
			t.Errorf("%s: the image is made of %s, want %s", file, from, base)
		}
		for line := range strings.Lines(image) {
			switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word {
			case "RUN", "ADD", "USER", "SHELL": // would run on the other machine, or as another user
				t.Errorf("%s: %s", file, line)
			}
		}
	}
}
