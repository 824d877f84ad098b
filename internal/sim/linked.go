// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/google/uuid"
)

func linkedRoutes() []route {
	puts := func() []string { return []string{"POST", "PUT"} }
	return []route{
		endpoint("/access_codes/create_multiple", puts(), parseLinked, createLinked),
		endpoint("/access_codes/update_multiple", patches(), parseLinkedUpdate, updateLinked),
	}
}

// linkedInput is the input of /access_codes/create_multiple: that of create, for many
// devices, without the fields of offline codes.
type linkedInput struct {
	deviceIDs []string
	random    bool // behavior_when_code_cannot_be_shared is create_random_code
	createInput
}

func parseLinked(in *input) linkedInput {
	in.require("device_ids")
	p := linkedInput{deviceIDs: in.ids("device_ids"), createInput: parseCommon(in)}
	p.random = in.oneOf("behavior_when_code_cannot_be_shared", "throw", "create_random_code") == "create_random_code"
	// Fields that create has and this endpoint has not: ignored, as any unknown one.
	p.offline, p.oneTime, p.commonKey = false, nil, nil
	for i, id := range p.deviceIDs {
		if slices.Contains(p.deviceIDs[:i], id) {
			in.note("device_ids", "Array must not contain an element twice")
			break
		}
	}
	return p
}

// createLinked makes one code per device, all or none: everything is checked before the
// first has an effect.
func createLinked(c *call, p linkedInput) (result, *apiError) {
	devices := make([]*device, len(p.deviceIDs))
	for i, id := range p.deviceIDs {
		if devices[i] = c.device(id); devices[i] == nil {
			return nil, deviceNotFound(id)
		}
	}
	codes, err := c.world.newLinked(devices, p)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		if err := c.world.charge(d, "create"); err != nil {
			return nil, err
		}
	}
	for _, code := range codes {
		c.world.addManaged(code)
	}
	return result{"access_codes": c.world.answers(codes)}, nil
}

// newLinked builds the codes. Devices that share the PIN share a key, but only where the
// service chose the PIN: with one of the caller's the codes are not linked.
func (w *world) newLinked(devices []*device, p linkedInput) ([]*accessCode, *apiError) {
	shared, sharers := sharedPIN(devices, p)
	if !p.random && len(sharers) < len(devices) && p.code == nil {
		return nil, invalidInput("The devices cannot share an access code")
	}
	var key *string
	if p.code == nil {
		key = new("auto_set_by_create_multiple_" + uuid.NewString())
	}
	codes := make([]*accessCode, len(devices))
	for i, d := range devices {
		// With `throw` a device that cannot share gets the shared PIN all the same, and
		// newCode says what is wrong with it.
		wanted := p.createInput
		if slices.Contains(sharers, d) || !p.random {
			wanted.code, wanted.commonKey = &shared, key
		} else {
			wanted.code = nil
		}
		code, err := w.newCode(d, wanted)
		if err != nil {
			return nil, err
		}
		codes[i] = code
	}
	return codes, nil
}

// sharedPIN finds the PIN that most of the devices can have in common, and which those
// are. Nothing is reserved: the caller goes on without a pause.
func sharedPIN(devices []*device, p linkedInput) (string, []*device) {
	if p.code != nil {
		return *p.code, ableTo(devices, *p.code)
	}
	length, hosts := commonLength(devices, p.preferredLength)
	pin, found := searchPIN(length, func(pin string) bool { return len(ableTo(hosts, pin)) == len(hosts) })
	if !found {
		return "", nil
	}
	return pin, hosts
}

// commonLength is the number of digits that suits the most devices: the preferred one,
// else the shortest.
func commonLength(devices []*device, preferred int) (int, []*device) {
	var length int
	var hosts []*device
	for _, n := range append([]int{preferred}, pinLengths()...) {
		suited := slices.DeleteFunc(slices.Clone(devices), func(d *device) bool {
			return d.lengthFor(n) != n || d.constrained("cannot_specify_pin_code")
		})
		if len(suited) > len(hosts) {
			length, hosts = n, suited
		}
	}
	return length, hosts
}

func pinLengths() []int {
	var list []int
	for n := minPIN; n <= maxPIN; n++ {
		list = append(list, n)
	}
	return list
}

// ableTo are the devices that can take a PIN now.
func ableTo(devices []*device, pin string) []*device {
	return slices.DeleteFunc(slices.Clone(devices), func(d *device) bool {
		return d.constrained("cannot_specify_pin_code") || !d.free(pin) || d.refusal(pin) != ""
	})
}

// linkedUpdate is the input of /access_codes/update_multiple; the PIN cannot change.
type linkedUpdate struct {
	key string
	updateInput
}

func parseLinkedUpdate(in *input) linkedUpdate {
	in.require("common_code_key")
	return linkedUpdate{key: in.word("common_code_key"), updateInput: updateInput{
		name: in.text("name"), starts: in.when("starts_at"), ends: in.when("ends_at"),
	}}
}

// updateLinked changes all codes of a key, or none.
func updateLinked(c *call, p linkedUpdate) (result, *apiError) {
	codes := c.linked(p.key)
	if len(codes) == 0 {
		return nil, codeNotFound(map[string]any{"common_code_key": p.key})
	}
	// All are checked before the first changes.
	frames := make([]*window, len(codes))
	for i, code := range codes {
		frame, err := c.world.checkUpdate(code, p.updateInput)
		if err != nil {
			return nil, err
		}
		frames[i] = frame
	}
	for _, code := range codes {
		if err := c.world.charge(code.device, "update"); err != nil {
			return nil, err
		}
	}
	for i, code := range codes {
		c.world.applyUpdate(code, p.updateInput, frames[i])
	}
	return result{}, nil
}

// linked are the codes of a key that are not being removed, oldest first.
func (c *call) linked(key string) []*accessCode {
	var codes []*accessCode
	for _, code := range c.world.codes {
		if code.managed && code.op != opRemove && code.commonKey != nil && *code.commonKey == key && c.sees(code.device) {
			codes = append(codes, code)
		}
	}
	sortCodes(codes)
	return codes
}
