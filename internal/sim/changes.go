// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// changes lists what an update alters, as mutations with from and to.
func (w *world) changes(c *accessCode, p updateInput, frame *window) []Mutation {
	var list []Mutation
	if p.name != nil && (c.name == nil || *p.name != *c.name) {
		list = append(list, w.mutation(mutationName, one("name", c.name), one("name", p.name)))
	}
	if p.code != nil && *p.code != c.pin {
		list = append(list, w.mutation(mutationCode, one("code", &c.pin), one("code", p.code)))
	}
	if !frame.equal(c.window) {
		list = append(list, w.mutation(mutationTimeFrame, c.window.values(), frame.values()))
	}
	return list
}

// one returns a mutation's field with a copy of the value: `from` must not follow the object.
func one(name string, value *string) map[string]any {
	if value == nil {
		return map[string]any{name: nil}
	}
	return map[string]any{name: *value}
}

func (f *window) values() map[string]any {
	starts, ends := f.bounds()
	return map[string]any{"starts_at": starts, "ends_at": ends}
}

// joined adds new changes to those still pending: the lock goes from the oldest `from`
// to the newest `to`.
func (w *world) joined(pending, changes []Mutation) []Mutation {
	list := slices.Clone(changes)
	for _, old := range pending {
		if old.From == nil {
			continue
		}
		same := slices.IndexFunc(list, func(m Mutation) bool { return m.MutationCode == old.MutationCode })
		if same < 0 {
			list = append(list, old)
			continue
		}
		list[same].From, list[same].CreatedAt = old.From, old.CreatedAt
	}
	return list
}

// tellChanges logs an update: what was asked for, and each changed property.
func (w *world) tellChanges(c *accessCode, changes []Mutation) {
	w.requested(c)
	properties := []map[string]any{}
	for _, m := range changes {
		for _, name := range []string{"name", "code", "starts_at", "ends_at"} {
			if to, ok := m.To[name]; ok {
				properties = append(properties, map[string]any{"property": name, "from": m.From[name], "to": to})
			}
		}
	}
	w.emit(c, eventChanged, fields{"changed_properties": properties})
	kinds := map[string]string{mutationName: eventNameChanged, mutationCode: eventCodeChanged, mutationTimeFrame: eventFrameChanged}
	for _, m := range changes {
		w.emit(c, kinds[m.MutationCode], fields{"from": m.From, "to": m.To, "description": "Changed through the API."})
	}
}
