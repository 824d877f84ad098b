// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed" // for the archive
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// archive has the file of each zone, as zic compiles it, a link for each other name, and the release in the file VERSION.
// "make zones" writes it.
//
//go:embed zones.tar.gz
var archive []byte

const versionFile = "VERSION"

// Zones is a database of time zones. It may be used by many at once.
type Zones struct {
	read func(name string) ([]byte, error)
	// spelled has the name of a zone for its name in small letters; empty where the names are not known.
	spelled map[string]string
	release string
	// loaded has the zones that were asked for: *time.Location by name.
	loaded sync.Map
}

// EmbeddedZones is the database in the program, the same on every machine. Only a damaged program gives an error.
func EmbeddedZones() (*Zones, error) {
	files, err := unpack(archive)
	if err != nil {
		return nil, fmt.Errorf("reading the time zones in the program: %w", err)
	}
	z := Zones{spelled: map[string]string{}, release: strings.TrimSpace(string(files[versionFile]))}
	delete(files, versionFile)
	for name := range files {
		z.spelled[strings.ToLower(name)] = name
	}
	z.read = func(name string) ([]byte, error) {
		if data, ok := files[name]; ok {
			return data, nil
		}
		return nil, fs.ErrNotExist
	}
	return &z, nil
}

// ZonesFrom is the database in a file system as /usr/share/zoneinfo is one, instead of that in the program: what is missing
// there is unknown, for two releases side by side would contradict each other. A file system without UTC is an error.
func ZonesFrom(files fs.FS) (*Zones, error) {
	z := Zones{read: func(name string) ([]byte, error) { return fs.ReadFile(files, name) }, release: releaseOf(files)}
	if _, err := z.Load("UTC"); err != nil {
		return nil, fmt.Errorf("not a folder with time zones: %w", err)
	}
	return &z, nil
}

// Release is that of the IANA database, such as 2026f; "unknown" where the files do not say.
func (z *Zones) Release() string { return z.release }

// Names are the names of all zones in the program, in order; none where the zones are others.
func (z *Zones) Names() []string { return slices.Sorted(maps.Values(z.spelled)) }

// Load is the zone of an IANA name, such as Europe/Berlin. What is no such name, or an unknown one, is an *Error for the
// field timeZone.
func (z *Zones) Load(name string) (*time.Location, error) {
	if zone, ok := z.loaded.Load(name); ok {
		return zone.(*time.Location), nil //nolint:errcheck // nothing else is stored
	}
	if problem := notAZoneName(name); problem != "" {
		return nil, invalid("timeZone", "%s", problem)
	}
	data, err := z.read(name)
	if err != nil {
		return nil, z.unknown(name)
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, z.unknown(name)
	}
	z.loaded.Store(name, zone)
	return zone, nil
}

// remedy is what to write instead.
const remedy = "name the lock's place, such as Europe/Berlin, or leave timeZone out for the lock's own"

// notAZoneName says why a name can't be that of a zone, whatever the database; "" where it can.
func notAZoneName(name string) string {
	switch {
	case name == "":
		return "it is empty: " + remedy
	case strings.EqualFold(name, "local"):
		return fmt.Sprintf("%q is the zone of whatever machine reads it: %s", name, remedy)
	case strings.ContainsAny(name[:1], "+-0123456789"):
		return fmt.Sprintf("%q is an offset, which does not know when the clock changes: %s", name, remedy)
	case !fs.ValidPath(name) || strings.Trim(name, nameCharacters) != "" || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/"):
		return fmt.Sprintf("%q is not the name of a time zone: %s", name, remedy)
	}
	return ""
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"

func (z *Zones) unknown(name string) *Error {
	if spelled, ok := z.spelled[strings.ToLower(name)]; ok {
		return invalid("timeZone", "%q is unknown: write %s", name, spelled)
	}
	if prefix := strings.ToUpper(name[:min(3, len(name))]); (prefix == "UTC" || prefix == "GMT") && strings.ContainsAny(name, "+-") {
		return invalid("timeZone", "%q is an offset, which does not know when the clock changes: %s", name, remedy)
	}
	return invalid("timeZone", "%q is not in release %s of the IANA time zones: %s", name, z.release, remedy)
}

// unpack gives the files of the archive by name, each link with what it leads to.
func unpack(compressed []byte) (map[string][]byte, error) {
	plain, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for entries := tar.NewReader(plain); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(entry.Name)
		switch entry.Typeflag {
		case tar.TypeReg:
			if files[name], err = io.ReadAll(entries); err != nil {
				return nil, err
			}
		case tar.TypeLink:
			files[name] = files[path.Clean(entry.Linkname)]
		}
	}
}

// releaseOf is what a folder of time zones says about itself: Debian and others in the first line of tzdata.zi, macOS in
// +VERSION.
func releaseOf(files fs.FS) string {
	if text, err := fs.ReadFile(files, "tzdata.zi"); err == nil {
		line, _, _ := strings.Cut(string(text), "\n")
		if release, ok := strings.CutPrefix(line, "# version "); ok {
			return strings.TrimSpace(release)
		}
	}
	if text, err := fs.ReadFile(files, "+VERSION"); err == nil {
		return strings.TrimSpace(string(text))
	}
	return "unknown"
}
