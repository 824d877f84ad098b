// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import "context"

const (
	pathPullBackup              = "/access_codes/pull_backup_access_code"
	pathReportDeviceConstraints = "/access_codes/report_device_constraints"
)

// ReportDeviceConstraintsRequest is the body of
// POST /access_codes/report_device_constraints: either SupportedCodeLengths or
// a minimum and a maximum. Lengths are in digits, each 4 to 20.
type ReportDeviceConstraintsRequest struct {
	DeviceID             string `json:"device_id"`
	SupportedCodeLengths []int  `json:"supported_code_lengths,omitempty"`
	MinCodeLength        int    `json:"min_code_length,omitempty"`
	MaxCodeLength        int    `json:"max_code_length,omitempty"`
}

// PullBackupAccessCode takes a code from the device's pool to stand in for a
// time-bound one: POST /access_codes/pull_backup_access_code. It works at
// once, and pulling again returns the same backup. An ongoing code is Refused
// with type access_code_not_time_bound.
func (s *AccessCodesService) PullBackupAccessCode(ctx context.Context, accessCodeID string) (*AccessCode, error) {
	if err := require(pathPullBackup, "access_code_id", accessCodeID); err != nil {
		return nil, err
	}
	var reply backupReply
	err := s.c.do(ctx, call{path: pathPullBackup, body: map[string]string{"access_code_id": accessCodeID}, reply: &reply})
	if err != nil {
		return nil, err
	}
	return reply.code(), nil
}

// ReportDeviceConstraints tells Seam what a device accepts, where Seam cannot
// find out: POST /access_codes/report_device_constraints.
func (s *AccessCodesService) ReportDeviceConstraints(ctx context.Context, r ReportDeviceConstraintsRequest) error {
	if err := require(pathReportDeviceConstraints, "device_id", r.DeviceID); err != nil {
		return err
	}
	return s.c.do(ctx, call{path: pathReportDeviceConstraints, body: r, reply: &emptyReply{}})
}

// backupReply: the reference has both names, the guides the first, and Seam's
// own client reads the second.
type backupReply struct {
	okReply
	BackupAccessCode *AccessCode `json:"backup_access_code"`
	AccessCode       *AccessCode `json:"access_code"`
}

func (r *backupReply) code() *AccessCode {
	if r.BackupAccessCode != nil {
		return r.BackupAccessCode
	}
	return r.AccessCode
}

func (r *backupReply) check() error { return checkAccessCode(r.code()) }
