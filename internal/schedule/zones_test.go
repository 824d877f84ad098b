// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// oldestRelease is the first with Cuba's change of 2026.
const oldestRelease = "2026f"

func TestRelease(t *testing.T) {
	t.Parallel()
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	if got := zones.Release(); got < oldestRelease || len(got) != len(oldestRelease) {
		t.Errorf("the program has release %q of the time zones, want %s or a later one: make zones", got, oldestRelease)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	names := zones.Names()
	if len(names) < 590 || !slices.IsSorted(names) {
		t.Errorf("there are %d names", len(names))
	}
	for _, name := range names {
		if _, err := zones.Load(name); err != nil {
			t.Error(err)
		}
	}
	// Links and old names are names, too.
	for _, name := range []string{"Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Calcutta", "US/Pacific", "UTC", "Etc/GMT+5", "America/Port-au-Prince"} {
		if zone, err := zones.Load(name); err != nil || zone.String() != name {
			t.Errorf("%s = %v, %v", name, zone, err)
		}
	}
	const instead = `: name the lock's place, such as Europe/Berlin, or leave timeZone out for the lock's own`
	for name, want := range map[string]string{
		"":                        `it is empty`,
		"Local":                   `"Local" is the zone of whatever machine reads it`,
		"local":                   `"local" is the zone of whatever machine reads it`,
		"+02:00":                  `"+02:00" is an offset, which does not know when the clock changes`,
		"-0500":                   `"-0500" is an offset, which does not know when the clock changes`,
		"02:00":                   `"02:00" is an offset, which does not know when the clock changes`,
		"UTC+2":                   `"UTC+2" is an offset, which does not know when the clock changes`,
		"GMT-5":                   `"GMT-5" is an offset, which does not know when the clock changes`,
		"Europe/Atlantis":         `"Europe/Atlantis" is not in release ` + zones.Release() + ` of the IANA time zones`,
		"CEST":                    `"CEST" is not in release ` + zones.Release() + ` of the IANA time zones`,
		"VERSION":                 `"VERSION" is not in release ` + zones.Release() + ` of the IANA time zones`,
		"Factory":                 `"Factory" is not in release ` + zones.Release() + ` of the IANA time zones`,
		"../../etc/passwd":        `"../../etc/passwd" is not the name of a time zone`,
		"/Europe/Berlin":          `"/Europe/Berlin" is not the name of a time zone`,
		"Europe/Berlin ":          `"Europe/Berlin " is not the name of a time zone`,
		"right/Europe/Berlin":     `"right/Europe/Berlin" is not the name of a time zone`,
		"W. Europe Standard Time": `"W. Europe Standard Time" is not the name of a time zone`,
	} {
		if _, err := zones.Load(name); fmt.Sprint(err) != "timeZone: "+want+instead {
			t.Errorf("%q: %v\nwant timeZone: %s", name, err, want+instead)
		}
	}
	if _, err := zones.Load("europe/berlin"); fmt.Sprint(err) != `timeZone: "europe/berlin" is unknown: write Europe/Berlin` {
		t.Errorf("another spelling: %v", err)
	}
}

func TestZonesFrom(t *testing.T) {
	t.Parallel()
	utc := &fstest.MapFile{Data: []byte("TZif2" + strings.Repeat("\x00", 31) + "\x00\x00\x00\x01\x00\x00\x00\x04" + strings.Repeat("\x00", 6) + "UTC\x00" +
		"TZif2" + strings.Repeat("\x00", 31) + "\x00\x00\x00\x01\x00\x00\x00\x04" + strings.Repeat("\x00", 6) + "UTC\x00\nUTC0\n")}
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"as Debian has it": {fstest.MapFS{"UTC": utc, "tzdata.zi": {Data: []byte("# version 2025b\n# more\n")}}, "2025b"},
		"as macOS has it":  {fstest.MapFS{"UTC": utc, "+VERSION": {Data: []byte("2024a\n")}}, "2024a"},
		"without a word":   {fstest.MapFS{"UTC": utc, "tzdata.zi": {Data: []byte("R A 1 o - o 1 0 0 -\n")}}, "unknown"},
	} {
		zones, err := schedule.ZonesFrom(test.files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := zones.Release(); got != test.want {
			t.Errorf("%s: the release is %q, want %q", name, got, test.want)
		}
		// A release beside another would contradict it.
		if zone, err := zones.Load("Europe/Berlin"); err == nil {
			t.Errorf("%s: %s comes from elsewhere", name, zone)
		}
	}
	for name, files := range map[string]fstest.MapFS{
		"empty": {}, "of something else": {"UTC": {Data: []byte("not a zone")}},
	} {
		if _, err := schedule.ZonesFrom(files); err == nil || !strings.Contains(err.Error(), "not a folder with time zones") {
			t.Errorf("a folder that is %s: %v", name, err)
		}
	}
}

// envProbe makes the test program print moments instead of testing.
const envProbe = "SCHEDULE_PROBE"

// TestMachinesZones shows that the zones of the machine make no difference: none, older ones and others.
func TestMachinesZones(t *testing.T) {
	t.Parallel()
	if os.Getenv(envProbe) != "" {
		for _, test := range clockChanges {
			fmt.Fprintln(os.Stdout, "probe", told(made(t, schedule.Spec{Local: &schedule.Local{Start: test.start, End: test.end}}, test.zone).First()))
		}
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	probe := func(environment ...string) string {
		cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestMachinesZones$", "-test.v")
		cmd.Env = append(os.Environ(), append(environment, envProbe+"=1")...)
		output, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		var lines []string
		for line := range bytes.Lines(output) {
			if bytes.HasPrefix(line, []byte("probe ")) {
				lines = append(lines, string(line))
			}
		}
		return strings.Join(lines, "")
	}
	want := ""
	for _, test := range clockChanges {
		want += "probe " + test.want + "\n"
	}
	// Go looks for zones where ZONEINFO says before it looks anywhere else, as it would in /usr/share/zoneinfo: in each of
	// these folders Berlin's clock is Tokyo's, or there is none.
	other, none := t.TempDir(), t.TempDir()
	if err := os.CopyFS(other, folderOf(t, "Europe/Berlin", "America/New_York", "America/Havana")); err != nil {
		t.Fatal(err)
	}
	for name, environment := range map[string][]string{
		"as the machine is": {"ZONEINFO="}, "other zones": {"ZONEINFO=" + other}, "no zones": {"ZONEINFO=" + none, "TZ="}, "far from UTC": {"ZONEINFO=", "TZ=Pacific/Chatham"},
	} {
		if diff := cmp.Diff(want, probe(environment...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// folderOf has zones whose clocks show what no clock there does.
func folderOf(t *testing.T, names ...string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	wrong := []byte("TZif2" + strings.Repeat("\x00", 31) + "\x00\x00\x00\x01\x00\x00\x00\x04" + "\x00\x00\x7e\x90\x00\x00" + "JST\x00" +
		"TZif2" + strings.Repeat("\x00", 31) + "\x00\x00\x00\x01\x00\x00\x00\x04" + "\x00\x00\x7e\x90\x00\x00" + "JST\x00\nJST-9\n")
	if zone, err := time.LoadLocationFromTZData("JST", wrong); err != nil || time.Unix(0, 0).In(zone).Hour() != 9 {
		t.Fatalf("the wrong zone is %v, %v", zone, err)
	}
	for _, name := range names {
		files[name] = &fstest.MapFile{Data: wrong}
	}
	return files
}
