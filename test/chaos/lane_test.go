// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// leaseName is the lease that main.go names.
const leaseName = "access-code-operator.access-codes.io"

// replica is one process of the operator, behind a proxy of its own.
type replica struct {
	*localcluster.Process

	proxy *apiProxy
}

// lane is a namespace with an operator of its own, or with two that share a lease. It serves one case after the other.
type lane struct {
	*lab

	namespace string
	paired    bool
	started   int

	mu       sync.Mutex
	stage    *stage
	replicas []*replica
}

// newLane prepares a namespace and starts its operator, or both.
func (l *lab) newLane(t *testing.T, number int, paired bool) *lane {
	t.Helper()
	n := &lane{lab: l, namespace: fmt.Sprintf("lane-%d", number), paired: paired}
	objects := []client.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n.namespace}}}
	count := 1
	if paired {
		objects, count = append(objects, n.leaseRoles(t)...), 2
	}
	for _, object := range objects {
		if err := l.client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(n.stop)
	for range count {
		if err := n.start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// leaseRoles let the operator keep its lease in the lane's namespace, as they do in its own where it is installed.
func (n *lane) leaseRoles(t *testing.T) []client.Object {
	t.Helper()
	account, err := localcluster.OperatorAccount(project)
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.Role
	key := client.ObjectKey{Namespace: account.Namespace, Name: account.NamePrefix + "leader-election-role"}
	if err := n.client.Get(t.Context(), key, &role); err != nil {
		t.Fatal(err)
	}
	metadata := metav1.ObjectMeta{Namespace: n.namespace, Name: role.Name}
	return []client.Object{
		&rbacv1.Role{ObjectMeta: metadata, Rules: role.Rules},
		&rbacv1.RoleBinding{
			ObjectMeta: metadata,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: account.Namespace, Name: account.Name()}},
		},
	}
}

// start adds a replica.
func (n *lane) start(ctx context.Context) error {
	proxy, err := newAPIProxy(n.Config(), n.token)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.started++
	name := fmt.Sprintf("%s-%d", n.namespace, n.started)
	kubeconfig := n.file("%s.kubeconfig", name)
	if err := n.WriteKubeconfig(kubeconfig, proxy.URL, "operator", "", ""); err != nil {
		return err
	}
	args := []string{
		"--kubeconfig=" + kubeconfig, "--watch-namespaces=" + n.namespace,
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--zap-log-level=5",
	}
	if n.paired {
		args = append(args, "--leader-elect", "--leader-elect-namespace="+n.namespace)
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), n.binary, args...)
	process, err := localcluster.Start(name, n.file("%s.log", n.namespace), command)
	if err != nil {
		return err
	}
	proxy.serve(n.stage)
	n.replicas = append(n.replicas, &replica{Process: process, proxy: proxy})
	return nil
}

// play passes what the operator does through the gate of a stage.
func (n *lane) play(s *stage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stage = s
	for _, r := range n.replicas {
		r.proxy.serve(s)
	}
}

// active is the replica that works: the only one, or the one that last renewed the lease.
func (n *lane) active() *replica {
	n.mu.Lock()
	defer n.mu.Unlock()
	best := n.replicas[0]
	for _, r := range n.replicas[1:] {
		if !best.Running() || r.Running() && r.proxy.lastRenewal().After(best.proxy.lastRenewal()) {
			best = r
		}
	}
	return best
}

// kill ends a replica without a chance to tidy up.
func (n *lane) kill(r *replica) {
	_ = r.Kill()
	n.drop(r)
}

// stopAll kills all replicas; full starts them again.
func (n *lane) stopAll() {
	n.mu.Lock()
	replicas := slices.Clone(n.replicas)
	n.mu.Unlock()
	for _, r := range replicas {
		n.kill(r)
	}
}

func (n *lane) drop(r *replica) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.replicas {
		if n.replicas[i] == r {
			n.replicas = append(n.replicas[:i:i], n.replicas[i+1:]...)
			break
		}
	}
	r.proxy.CloseClientConnections()
	go r.proxy.Close() // the call at which it was killed is still in here
}

// full starts replicas until there are as many as there should be.
func (n *lane) full(ctx context.Context) error {
	want := 1
	if n.paired {
		want = 2
	}
	for {
		n.mu.Lock()
		var gone []*replica
		for _, r := range n.replicas {
			if !r.Running() {
				gone = append(gone, r)
			}
		}
		count := len(n.replicas) - len(gone)
		n.mu.Unlock()
		for _, r := range gone {
			n.drop(r)
		}
		if count >= want {
			return nil
		}
		if err := n.start(ctx); err != nil {
			return err
		}
	}
}

// pause freezes a replica in the middle of what it does, and returns when it stands still. What others send to it waits.
func pause(r *replica) error {
	if err := r.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	// The first thread that gets to see the signal stops the others: on a busy machine they go on for a while.
	return wait.PollUntilContextTimeout(context.Background(), time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return still(r.PID())
	})
}

// still says that no thread of a process runs.
func still(pid int) (bool, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		return false, fmt.Errorf("process %d has no threads: %w", pid, err)
	}
	for _, thread := range threads {
		stat, err := os.ReadFile(thread)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // the thread has ended
		}
		if err != nil {
			return false, err
		}
		// The state follows the name, which is in brackets and may hold any.
		_, state, _ := strings.Cut(string(stat[max(0, bytes.LastIndexByte(stat, ')')):]), " ")
		if !strings.HasPrefix(state, "T") {
			return false, nil
		}
	}
	return true, nil
}

func resume(r *replica) error { return r.Signal(syscall.SIGCONT) }

// holder is who holds the lease.
func (n *lane) holder(ctx context.Context) (string, error) {
	var lease coordinationv1.Lease
	if err := n.client.Get(ctx, client.ObjectKey{Namespace: n.namespace, Name: leaseName}, &lease); err != nil {
		return "", err
	}
	if lease.Spec.HolderIdentity == nil {
		return "", nil
	}
	return *lease.Spec.HolderIdentity, nil
}

// handedOver says that somebody else than before holds the lease.
func (n *lane) handedOver(ctx context.Context, before string) error {
	now, err := n.holder(ctx)
	if err != nil {
		return err
	}
	if now == "" || now == before {
		return fmt.Errorf("the lease is still held by %q", before)
	}
	return nil
}

func (n *lane) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.replicas {
		_ = r.Kill()
		r.proxy.CloseClientConnections()
		r.proxy.Close()
	}
	n.replicas = nil
}
