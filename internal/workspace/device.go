// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// deviceAge is how long an answer about a device is used.
const deviceAge = 10 * time.Minute

// maxDevices bounds how many devices are remembered. The one that was asked for longest ago is forgotten first.
const maxDevices = 4096

// devices remembers the devices of a workspace, so that Seam is asked once for all codes of a device.
type devices struct {
	clock clock.PassiveClock
	batch *batcher[seam.Device]
	known *cache.LRUExpireCache // of knownDevice, by id
}

type knownDevice struct {
	device *seam.Device
	at     time.Time
}

func newDevices(c clock.PassiveClock) devices {
	return devices{clock: c, known: cache.NewLRUExpireCacheWithClock(maxDevices, c)}
}

func (d devices) get(id string) *seam.Device {
	value, _ := d.known.Get(id)
	// The cache would keep what is left over from before the clock was set back.
	if known, ok := value.(knownDevice); ok && d.clock.Since(known.at).Abs() < deviceAge {
		return known.device
	}
	return nil
}

func (d devices) put(device *seam.Device) {
	d.known.Add(device.DeviceID, knownDevice{device, d.clock.Now()}, deviceAge)
}

func (d devices) forget(id string) { d.known.Remove(id) }

// KnownDevice returns a device as it was within the last minutes (deviceAge), without a call; nil when it is not known. The
// caller must not change it.
func (s *Session) KnownDevice(id string) *seam.Device { return s.devices.get(id) }

// Device returns a device as it was within the last minutes (deviceAge; POST /devices/get, or POST /devices/list for several at
// the same time). The caller must not change it.
func (s *Session) Device(ctx context.Context, id string) (*seam.Device, error) {
	if device := s.KnownDevice(id); device != nil {
		return device, nil
	}
	if _, err := s.connection(); err != nil {
		return nil, err
	}
	seen := s.devices.batch.get(ctx, id)
	if seen.object != nil || seen.err != nil {
		return seen.object, seen.err
	}
	return s.findDevice(ctx, id) // that it is not in the list proves nothing
}

func (s *Session) findDevice(ctx context.Context, id string) (*seam.Device, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	device, err := client.Devices.Get(ctx, id)
	if err != nil {
		return nil, s.learnOfAll(err)
	}
	s.devices.put(device)
	return device, nil
}

func (s *Session) fetchDevices(ctx context.Context, ids []string) (map[string]result[seam.Device], error) {
	return fetchMany(ctx, ids, s.findDevice, func(ctx context.Context, ids []string) (map[string]result[seam.Device], error) {
		client, err := s.connection()
		if err != nil {
			return nil, err
		}
		devices, err := client.Devices.List(ctx, seam.ListDevicesRequest{DeviceIDs: ids})
		results := make(map[string]result[seam.Device], len(devices))
		for i := range devices {
			results[devices[i].DeviceID] = result[seam.Device]{object: &devices[i]}
			s.devices.put(&devices[i])
		}
		return results, s.learnOfAll(err)
	})
}

// ForgetDevice makes the next Device ask Seam, because the device has changed.
func (s *Session) ForgetDevice(id string) { s.devices.forget(id) }

// PullBackup pulls the backup of a code (POST /access_codes/pull_backup_access_code). Seam returns the same one each time.
func (s *Session) PullBackup(ctx context.Context, id string) (*seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	defer s.codes.wrote(id)
	backup, err := client.AccessCodes.PullBackupAccessCode(ctx, id)
	return backup, s.learnOfAll(err)
}

// GetUnmanaged returns an unmanaged code, one that Seam sees on a device but does not manage (POST
// /access_codes/unmanaged/get).
func (s *Session) GetUnmanaged(ctx context.Context, id string) (*seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.UnmanagedAccessCodes.Get(ctx, id)
	return code, s.learnOfAll(err)
}

// ListUnmanaged returns the unmanaged codes of a device (POST /access_codes/unmanaged/list).
func (s *Session) ListUnmanaged(ctx context.Context, deviceID string) ([]seam.AccessCode, error) {
	client, err := s.connection()
	if err != nil {
		return nil, err
	}
	codes, err := client.UnmanagedAccessCodes.List(ctx, seam.ListUnmanagedAccessCodesRequest{DeviceID: deviceID})
	return codes, s.learnOfAll(err)
}

// FindUnmanaged returns the unmanaged code of a device that has a PIN, nil when there is none.
func (s *Session) FindUnmanaged(ctx context.Context, deviceID string, pin redact.Secret) (*seam.AccessCode, error) {
	codes, err := s.ListUnmanaged(ctx, deviceID)
	if err != nil {
		return nil, err
	}
	for i := range codes {
		if codes[i].DeviceID == deviceID && codes[i].Code == pin {
			return &codes[i], nil
		}
	}
	return nil, nil
}

// Convert asks Seam to manage an unmanaged code of a device (POST /access_codes/unmanaged/convert_to_managed). It
// counts as an update of the device.
func (s *Session) Convert(ctx context.Context, deviceID string, request seam.ConvertToManagedRequest) error {
	client, reservation, err := s.admit(deviceID, VerbUpdate, request.AccessCodeID)
	if err != nil {
		return err
	}
	defer s.codes.wrote(request.AccessCodeID)
	_, err = client.UnmanagedAccessCodes.ConvertToManaged(ctx, request)
	return s.learn(reservation, err)
}

// DeleteUnmanaged deletes an unmanaged code from a device (POST /access_codes/unmanaged/delete). It counts as a delete of the
// device.
func (s *Session) DeleteUnmanaged(ctx context.Context, deviceID, id string) error {
	client, reservation, err := s.admit(deviceID, VerbDelete, id)
	if err != nil {
		return err
	}
	_, err = client.UnmanagedAccessCodes.Delete(ctx, seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: id})
	return s.learn(reservation, err)
}
