// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/<pid>/stat. Linux shows user space 100 a second on every platform that Go runs on.
const tick = 10 * time.Millisecond

// cpuTime is what a program has used so far, in user mode and in the kernel.
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("reading processor time: %w", err)
	}
	return parseStat(string(text))
}

// parseStat reads fields 14 and 15. The second, the program's name, may contain anything, hence the last parenthesis.
func parseStat(text string) (time.Duration, error) {
	_, rest, found := cutLast(text, ") ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 13 {
		return 0, errors.New("reading processor time: too few fields")
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading processor time: %w", err)
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading processor time: %w", err)
	}
	return time.Duration(user+system) * tick, nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// peakMemory is the most that a program has held in memory so far, in bytes.
func peakMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading peak memory: %w", err)
	}
	return parsePeak(string(text))
}

func parsePeak(text string) (int64, error) {
	for line := range strings.Lines(text) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		fields := strings.Fields(value)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0, fmt.Errorf("reading peak memory: %q is not in kB", strings.TrimSpace(value))
		}
		kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading peak memory: %w", err)
		}
		return kilobytes << 10, nil
	}
	return 0, errors.New("reading peak memory: no VmHWM")
}
