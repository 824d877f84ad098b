// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// cast is who plays in the demo.
type cast struct {
	given     *v1alpha1.AccessCode // its PIN is in a Secret of the user
	chosen    *v1alpha1.AccessCode // its PIN is chosen by the operator
	timeBound *v1alpha1.AccessCode // it has a window; its PIN is chosen as well
	imported  *v1alpha1.AccessCode // it takes over a code that is on the lock
	backedUp  *v1alpha1.AccessCode // a backup code is pulled when it fails
	offline   *v1alpha1.AccessCode // its PIN is chosen by the maker of the lock
	weekly    *v1alpha1.AccessCode // it has windows that come again each week
}

// castOf finds them among the samples.
func castOf(samples []sample) (cast, error) {
	var c cast
	for _, s := range samples {
		if s.code != nil && hasPart(s.code) {
			c.give(s.code)
		}
	}
	if slices.Contains(append(c.withoutPIN(), c.given), nil) {
		return c, errors.New("config/samples lacks an AccessCode with a PIN from a Secret, one with a chosen PIN, one with a schedule, " +
			"one that imports a code, one with a backup, one that is offline, or one with a weekly schedule")
	}
	return c, nil
}

// hasPart says that a code plays in the demo: those with one window in wall clocks, or with a PIN that is renewed, do not.
func hasPart(code *v1alpha1.AccessCode) bool {
	schedule := code.Spec.Schedule
	return code.Spec.Rotation == nil && (schedule == nil || schedule.Local == nil)
}

// comesLater says that a code is applied only by the stage that shows it, where it has a part at all.
func comesLater(code *v1alpha1.AccessCode) bool { return !hasPart(code) || isWeekly(code) }

func isWeekly(code *v1alpha1.AccessCode) bool {
	return code.Spec.Schedule != nil && code.Spec.Schedule.Weekly != nil
}

// give finds the part that suits a code.
func (c *cast) give(code *v1alpha1.AccessCode) {
	switch {
	case code.Annotations[v1alpha1.AccessCodeIDAnnotation] != "":
		c.imported = code
	case code.Spec.Backup != nil:
		c.backedUp = code
	case code.Spec.Offline != nil:
		c.offline = code
	case isWeekly(code):
		c.weekly = code
	case code.Spec.Schedule != nil:
		c.timeBound = code
	case code.Spec.CodeFrom != nil:
		c.given = code
	case code.Spec.Code == "":
		c.chosen = code
	}
}

// withoutPIN are those whose PIN the user did not give: it is in a Secret that they own.
func (c *cast) withoutPIN() []*v1alpha1.AccessCode {
	return []*v1alpha1.AccessCode{c.chosen, c.timeBound, c.imported, c.backedUp, c.offline, c.weekly}
}

// secretOf is the Secret that holds a code's PIN, and the key in it.
func secretOf(code *v1alpha1.AccessCode) (name, key string) {
	if from := code.Spec.CodeFrom; from != nil {
		return from.SecretKeyRef.Name, from.SecretKeyRef.Key
	}
	return code.CodeSecretName(), v1alpha1.CodeSecretKey
}

// pinOf reads the PIN that Kubernetes has for a code. It is compared and never printed.
func (d *demo) pinOf(ctx context.Context, code *v1alpha1.AccessCode) (redact.Secret, error) {
	name, key := secretOf(code)
	return d.pinIn(ctx, name, key)
}

func (d *demo) pinIn(ctx context.Context, name, key string) (redact.Secret, error) {
	text, err := d.cluster.Kubectl(ctx, "-n", namespace, "get", "secret", name, "-o", "jsonpath={.data."+key+"}")
	if err != nil {
		return "", err
	}
	pin, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(pin) == 0 {
		return "", fmt.Errorf("key %q of Secret %q holds no PIN", key, name)
	}
	return redact.Secret(pin), nil
}

// otherPIN is one of six digits that no code of the simulator has.
func otherPIN(taken []remoteCode) (redact.Secret, error) {
	used := map[string]bool{}
	for _, code := range taken {
		used[string(code.PIN)] = true
	}
	for {
		number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return "", fmt.Errorf("choosing another PIN: %w", err)
		}
		if pin := fmt.Sprintf("%06d", number); !used[pin] {
			return redact.Secret(pin), nil
		}
	}
}

// writePIN writes a patch of a Secret into a file: a PIN on the command line could be read by others.
func (d *demo) writePIN(file, key string, pin redact.Secret) error {
	text, err := yaml.Marshal(map[string]any{"stringData": map[string]string{key: string(pin)}})
	if err != nil {
		return fmt.Errorf("writing another PIN: %w", err)
	}
	return d.writePrivate(file, string(text))
}
