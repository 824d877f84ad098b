#!/usr/bin/env bash
# go-ical: of a calendar that is cut off, the loop of its example makes one without entries, and no error.
#
# Seen on 29 November 2026 with github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392, the newest, on Go 1.26.8.
#
# Guess: the decoder is strict, and what is cut off is an error. io.EOF is the end between two calendars, and within one it
# is io.ErrUnexpectedEOF, as encoding/json has it.
# Seen: it is io.EOF in both cases. The loop of the package's example, "if err == io.EOF { break }", goes on with what it
# has, which of a calendar that is cut off is nothing: not even the entries that were whole.
# Output: whole:                    2 entries
#         cut off before its end:   0 entries
#         cut off after one entry:  0 entries
#         nothing at all:           0 entries
# Why it matters: a server that stops in the middle has cancelled all bookings, and who deletes what is missing locks out
# every guest. Before decoding, check that each BEGIN has its END, or take io.EOF of a decoder that has read something, and
# given nothing, for an error.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get github.com/emersion/go-ical@v0.0.0-20250329121855-f41e73efc392 >/dev/null 2>&1

cat >see.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/emersion/go-ical"
)

func main() {
	entry := func(uid string) string {
		return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;VALUE=DATE:20270308\r\nEND:VEVENT\r\n"
	}
	first := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//see//EN\r\n" + entry("1")
	show := func(what, text string) {
		entries := 0
		decoder := ical.NewDecoder(strings.NewReader(text))
		for {
			calendar, err := decoder.Decode()
			if err == io.EOF {
				break
			} else if err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			entries += len(calendar.Events())
		}
		fmt.Printf("%-25s %d entries\n", what+":", entries)
	}
	show("whole", first+entry("2")+"END:VCALENDAR\r\n")
	show("cut off before its end", first+entry("2"))
	show("cut off after one entry", first)
	show("nothing at all", "")
}
GO

seen=$(go run .)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
whole:                    2 entries
cut off before its end:   0 entries
cut off after one entry:  0 entries
nothing at all:           0 entries
WANT
