// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

const text = `# codes 3
# scrape 1000000
# TYPE codes gauge
codes{namespace="bookings"} 3
codes{namespace="cleaning"} 1
codes{namespace="a b"} 7
# scrape 1005000
codes{namespace="bookings"} 2
# gone codes{namespace="cleaning"}
# scrape 1010000
# no answer
# scrape 1015000
codes{namespace="bookings"} 5
`

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording.txt.gz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(file)
	if _, err := packed.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// asked returns the values of a query by series, as text.
func asked(t *testing.T, r *recording.Recording, target recording.Target, expr string) map[string]string {
	t.Helper()
	d, err := r.Open(t.Context(), t.TempDir(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	matrix, remarks, err := d.Range(t.Context(), r, expr)
	if err != nil || len(remarks) > 0 {
		t.Fatalf("error %v, remarks %q", err, remarks)
	}
	got := map[string]string{}
	for _, series := range matrix {
		var values []string
		for _, p := range series.Floats {
			values = append(values, p.String())
		}
		got[series.Metric.String()] = strings.Join(values, " ")
	}
	return got
}

// TestDatabase has what is not on a page any more be gone at once, and an operator that does not answer be gone whole.
func TestDatabase(t *testing.T) {
	t.Parallel()
	r, err := recording.Read(written(t, text))
	if err != nil {
		t.Fatal(err)
	}
	if r.About["codes"] != "3" || r.Every().Seconds() != 5 || len(r.Pages) != 4 {
		t.Errorf("about %v, every %s, %d pages", r.About, r.Every(), len(r.Pages))
	}
	got := asked(t, r, recording.Target{HonorLabels: true}, `codes`)
	want := map[string]string{
		`{__name__="codes", namespace="bookings"}`: "3 @[1000000] 2 @[1005000] 5 @[1015000]",
		`{__name__="codes", namespace="cleaning"}`: "1 @[1000000]",
		`{__name__="codes", namespace="a b"}`:      "7 @[1000000] 7 @[1005000]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTarget has both have a namespace: without honorLabels, that of the metric is called by another name.
func TestTarget(t *testing.T) {
	t.Parallel()
	r, err := recording.Read(written(t, text))
	if err != nil {
		t.Fatal(err)
	}
	for honour, want := range map[bool]string{
		true:  `{namespace="bookings", pod="a-1"}`,
		false: `{exported_namespace="bookings", namespace="system", pod="a-1"}`,
	} {
		target := recording.Target{HonorLabels: honour, Labels: map[string]string{"namespace": "system", "pod": "a"}}
		if got := asked(t, r, target, `0 * codes > -1`); got[want] == "" {
			t.Errorf("honorLabels %t: got %v, want %s", honour, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"one page":            "# scrape 1\ncodes 1\n",
		"a time that is none": "# scrape soon\ncodes 1\n# scrape 2\n",
		"times that go back":  "# scrape 2\ncodes 1\n# scrape 1\ncodes 1\n",
		"the end is missing":  "# scrape 1\ncodes 1\n# scrape 2\ncod",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := recording.Read(written(t, text)); err == nil {
				t.Error("it was read")
			}
		})
	}
}
