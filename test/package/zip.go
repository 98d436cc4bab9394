package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// OpenZip is the plugin in a zip. An error says that the zip itself breaks a rule: archive
// (one folder, named after the plugin) or archivename (<id>-<version>.zip).
func OpenZip(file, id, version string) (fs.FS, func() error, error) {
	if want := id + "-" + version + ".zip"; filepath.Base(file) != want {
		return nil, nil, fmt.Errorf("archivename: %s should be %s", filepath.Base(file), want)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, nil, fmt.Errorf("archive: %w", err)
	}
	files, err := layout(&z.Reader, id)
	if err != nil {
		return nil, nil, errors.Join(err, z.Close())
	}
	return files, z.Close, nil
}

func layout(z *zip.Reader, id string) (fs.FS, error) {
	if len(z.File) == 0 {
		return nil, errors.New("archive: empty")
	}
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		switch root, _, _ := strings.Cut(name, "/"); {
		case !fs.ValidPath(name) || strings.Contains(name, `\`):
			return nil, fmt.Errorf("archive: %q is no path to unpack", f.Name)
		case root != id:
			return nil, fmt.Errorf("archive: %s is not in the folder %s", f.Name, id)
		case !f.Mode().IsRegular() && !f.Mode().IsDir():
			return nil, fmt.Errorf("archive: %s is neither file nor folder", f.Name)
		}
	}
	return fs.Sub(z, id)
}
