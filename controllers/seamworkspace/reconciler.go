// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package seamworkspace reconciles SeamWorkspaces: it checks their credentials, connects them, and keeps finalizers on them and
// on their Secrets while AccessCodes need them.
package seamworkspace

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Reconciler checks the credentials of SeamWorkspaces and keeps them while AccessCodes need them.
type Reconciler struct {
	client.Client

	// Metadata is the cache, asked for the metadata of Secrets only.
	Metadata client.Reader
	// Registry holds the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers connects this controller with that of the AccessCodes.
	Triggers *kube.Triggers
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// Metrics has counters for each namespace with a connected SeamWorkspace.
	Metrics *metrics.Instruments
	// Recorder records the Events; nil records none.
	Recorder events.EventRecorder
	// HasOrphans says whether orphaned codes have yet to be deleted through a SeamWorkspace. Nil means that there are none.
	HasOrphans func(*v1alpha1.SeamWorkspace) bool
	// WebhookFault says why webhooks are not accepted although the spec asks for them; "" where they are. It may be nil.
	WebhookFault func(context.Context, *v1alpha1.SeamWorkspace) string
	// Shard selects the SeamWorkspaces that are written to. All are connected.
	Shard kube.Shard

	// holding serialises the writes of finalizers, which depend on all objects of a namespace.
	holding sync.Mutex

	mu sync.Mutex
	// missed has the workspaces whose last check Seam did not answer.
	missed map[v1alpha1.WorkspaceKey]missedChecks
	// last is the result that was last reported of each workspace.
	last map[v1alpha1.WorkspaceKey]checkResult
	// recorded has what Events were recorded about; see recordOnce.
	recorded map[v1alpha1.WorkspaceKey]map[types.UID]bool
}

// workspaceWorkers is how many workspaces are checked at once.
const workspaceWorkers = 8

// checkResult is the result of a check of a workspace.
type checkResult struct {
	reason, message string
	// deletionNotice is appended to the message; see the method of that name.
	deletionNotice string
	// info is Seam's answer about the workspace, nil when it was not asked or did not answer.
	info *seam.Workspace
	// after is when to check again.
	after time.Duration
	// err makes the queue try again with its back-off, unless postponed says that after takes its place.
	err       error
	postponed bool
}

// +kubebuilder:rbac:groups=access-codes.io,resources=seamworkspaces,verbs=list;watch;patch
// +kubebuilder:rbac:groups=access-codes.io,resources=seamworkspaces/status,verbs=patch
// +kubebuilder:rbac:groups=core,resources=secrets,verbs=get;list;watch;patch

// Reconcile holds or releases what AccessCodes need, then connects the workspace and reports.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	var ws v1alpha1.SeamWorkspace
	if err := r.Get(ctx, request.NamespacedName, &ws); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(v1alpha1.SeamWorkspaceKey(request.NamespacedName))
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading SeamWorkspace %q: %w", request.NamespacedName, err)
	}
	needs, err := r.holdOrRelease(ctx, &ws)
	switch {
	case apierrors.IsInvalid(err) && kube.UnreadableSpec(ws.Undecodable) != "":
		// The API server takes nothing but a better spec: what is held stays so, and connect says why.
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: kube.Soon}, nil
	case err != nil:
		return ctrl.Result{}, err
	case !ws.DeletionTimestamp.IsZero() && !needs.held:
		r.forget(v1alpha1.SeamWorkspaceKey(request.NamespacedName))
		return ctrl.Result{}, nil
	}
	leaving, err := r.deletionNotice(ctx, &ws, needs)
	if err != nil || ws.Spec.Suspend && !needs.deleting {
		return ctrl.Result{}, err
	}
	return r.connect(ctx, &ws, leaving)
}

// connect checks the credentials where that is due, and, when Seam accepts them, connects the workspace with them. leaving is
// the deletion notice.
func (r *Reconciler) connect(ctx context.Context, ws *v1alpha1.SeamWorkspace, leaving string) (ctrl.Result, error) {
	key := ws.Key()
	version, err := r.version(ctx, ws)
	if err != nil {
		return ctrl.Result{}, err
	}
	if after := r.nextCheck(ws, version); after > 0 {
		return r.reportAgain(ctx, ws, leaving, after)
	}
	_, before := r.Registry.Connected(key)
	result := r.check(ctx, ws, version)
	result.deletionNotice = leaving
	if lasting := r.postpone(ctx, key, version, &result); !lasting && reported(ws) {
		// One failure is no outage: the status stays, and what is connected goes on.
		return ctrl.Result{RequeueAfter: result.after}, nil
	}
	return r.conclude(ctx, ws, result, before)
}

// conclude carries out the result of a check: it disconnects the workspace where the check failed, enqueues the feed or the
// AccessCodes, and reports. before says whether the workspace was connected until then.
func (r *Reconciler) conclude(ctx context.Context, ws *v1alpha1.SeamWorkspace, result checkResult, before bool) (ctrl.Result, error) {
	key := ws.Key()
	connected := result.reason == v1alpha1.ReasonConnected
	if !connected {
		r.Registry.Disconnect(key)
	}
	changed := kube.ReadyReason(ws.Status.Conditions) != result.reason
	if connected && !before {
		logf.FromContext(ctx).Info("Workspace connected")
		r.Metrics.Serve(key.Namespace)
	}
	if _, ready := r.Registry.Get(key); connected && !ready {
		// Before the report: a report that fails must not keep the AccessCodes waiting. Also where it was connected before: it
		// may have been suspected during the check.
		r.Triggers.EnqueueFeed(key)
	}
	if err := r.report(ctx, ws, result); err != nil {
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: kube.Soon}, nil
		}
		return ctrl.Result{}, err
	}
	if changed && !connected {
		// After the report: the AccessCodes repeat what the SeamWorkspace says.
		logf.FromContext(ctx).Info("Workspace not ready", "reason", result.reason)
		r.Triggers.EnqueueAccessCodesOf(key)
	}
	if result.postponed {
		return ctrl.Result{RequeueAfter: result.after}, nil
	}
	return ctrl.Result{RequeueAfter: result.after}, result.err
}

// nextCheck is how long to wait before the next check: until the last one is no longer fresh, or until the next try while Seam
// does not answer.
func (r *Reconciler) nextCheck(ws *v1alpha1.SeamWorkspace, version string) time.Duration {
	key := ws.Key()
	if reported(ws) && r.Registry.Fresh(key, version, ws.SyncInterval()) {
		return ws.SyncInterval()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if missed := r.missed[key]; missed.version == version {
		return missed.next.Sub(r.Clock.Now())
	}
	return 0
}

// reported says that the status tells of a connection with the present spec.
func reported(ws *v1alpha1.SeamWorkspace) bool {
	return kube.UnreadableSpec(ws.Undecodable) == "" && ws.Status.ObservedGeneration == ws.Generation &&
		kube.ReadyReason(ws.Status.Conditions) == v1alpha1.ReasonConnected
}

// forget drops all that is known of a workspace that is gone.
func (r *Reconciler) forget(key v1alpha1.WorkspaceKey) {
	r.Registry.Forget(key)
	if !r.Registry.Serves(key.Namespace) {
		r.Metrics.Forget(key.Namespace)
	}
	r.answered(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, key)
	delete(r.recorded, key)
}

// version returns a text that changes with the spec and with the Secrets of the credentials and of the webhook.
func (r *Reconciler) version(ctx context.Context, ws *v1alpha1.SeamWorkspace) (string, error) {
	ref := ws.Spec.Auth.SecretKeyRef()
	if ref == nil {
		return "", nil
	}
	version := fmt.Sprint(ws.Generation)
	names := []string{ref.Name}
	if events := ws.Spec.Events; events != nil && events.Webhook != nil {
		names = append(names, events.Webhook.SecretKeyRef.Name)
	}
	for _, name := range names {
		secret, err := kube.SecretVersion(ctx, r.Metadata, ws.Namespace, name)
		if err != nil {
			return "", err
		}
		version += " " + secret
	}
	return version, nil
}

// check reads the Secret and asks Seam whether it takes the credentials.
func (r *Reconciler) check(ctx context.Context, ws *v1alpha1.SeamWorkspace, version string) checkResult {
	if message := kube.UnreadableSpec(ws.Undecodable); message != "" {
		return checkResult{reason: v1alpha1.ReasonInvalidSpec, message: message}
	}
	// Before the Secret is read: a token that was not read can't be sent to an endpoint that must not get it.
	if !r.Registry.Allows(ws.Spec.Endpoint) {
		return notAllowed(ws)
	}
	ref := ws.Spec.Auth.SecretKeyRef()
	if ref == nil {
		return checkResult{reason: v1alpha1.ReasonInvalidSpec, message: "spec.auth names no way to authenticate that this version of the operator knows"}
	}
	secret, err := kube.ReadSecret(ctx, r.Client, types.NamespacedName{Namespace: ws.Namespace, Name: ref.Name})
	switch {
	case err != nil:
		return checkResult{reason: v1alpha1.ReasonSecretNotFound, message: fmt.Sprintf("Secret %q can't be read", ref.Name), err: err}
	case secret == nil:
		return checkResult{reason: v1alpha1.ReasonSecretNotFound, message: kube.NoSuchSecret(ref.Name)}
	}
	data, ok := secret.Data[ref.Key]
	switch {
	case !ok:
		return checkResult{reason: v1alpha1.ReasonSecretNotFound, message: fmt.Sprintf("Secret %q has no key %q: add it", ref.Name, ref.Key)}
	case noToken(ref, data) != "":
		return checkResult{reason: v1alpha1.ReasonInvalidToken, message: noToken(ref, data)}
	}
	info, err := r.Registry.Connect(ctx, ws.Key(), credentials(ws, version, data))
	if err != nil {
		return checkFailed(ws, data, err)
	}
	if len(info.WorkspaceID) > kube.MaxID {
		r.Registry.Disconnect(ws.Key())
		return checkResult{reason: v1alpha1.ReasonAPIUnavailable, message: "the answer is a workspace with an id that is no id"}
	}
	return checkResult{
		reason: v1alpha1.ReasonConnected, message: "Seam takes the credentials" + r.webhookFault(ctx, ws), info: info,
		after: wait.Jitter(ws.SyncInterval(), kube.CheckJitter),
	}
}

// webhookFault returns the part of the message that says why webhooks are not accepted although they should be. It keeps
// nothing from working, because events are also polled.
func (r *Reconciler) webhookFault(ctx context.Context, ws *v1alpha1.SeamWorkspace) string {
	if r.WebhookFault == nil {
		return ""
	}
	fault := r.WebhookFault(ctx, ws)
	if fault == "" {
		return ""
	}
	return ". Webhooks are not accepted: " + fault
}

// notAllowed is the result for an endpoint that the operator must not talk to. It does not quote the endpoint: somebody may
// have put a password into it.
func notAllowed(ws *v1alpha1.SeamWorkspace) checkResult {
	message := "spec.endpoint is none of the endpoints that this operator may talk to: change it, or have the endpoint added to the operator's flag --allowed-endpoints"
	if ws.Spec.Endpoint == "" {
		message = "spec.endpoint is left out, and " + seam.DefaultEndpoint + " is none of the endpoints that this operator may talk to: set spec.endpoint to one of them, or have it added to the operator's flag --allowed-endpoints"
	}
	return checkResult{reason: v1alpha1.ReasonEndpointNotAllowed, message: message}
}

func checkFailed(ws *v1alpha1.SeamWorkspace, data []byte, err error) checkResult {
	ref := ws.Spec.Auth.SecretKeyRef()
	switch seam.KindOf(err) {
	case seam.Unauthorized:
		return checkResult{
			reason: v1alpha1.ReasonUnauthorized, after: kube.SlowLook,
			message: fmt.Sprintf("Seam refuses the credentials in key %q of Secret %q: correct them", ref.Key, ref.Name),
		}
	case seam.InvalidToken:
		message := fmt.Sprintf("Key %q of Secret %q: %s", ref.Key, ref.Name, err)
		if cause := storedAs(data); cause != "" {
			message = unlikeToken(ref, cause)
		}
		return checkResult{reason: v1alpha1.ReasonInvalidToken, message: message}
	case seam.InvalidInput, "":
		return checkResult{reason: v1alpha1.ReasonInvalidSpec, message: err.Error()}
	case seam.RateLimited:
		return checkResult{
			reason: v1alpha1.ReasonAPIUnavailable, message: "Seam's limit of calls is reached",
			after: max(seam.RetryAfter(err), kube.Soon),
		}
	default:
		return checkResult{reason: v1alpha1.ReasonAPIUnavailable, message: kube.UnavailableMessage(err), err: err}
	}
}

// report writes the status where it differs.
func (r *Reconciler) report(ctx context.Context, ws *v1alpha1.SeamWorkspace, result checkResult) error {
	if !r.Shard.Has(ws) {
		return nil
	}
	before := ws.DeepCopy()
	status := &ws.Status
	kube.SetConditions(&status.Conditions, ws.Generation, result.reason, r.message(ws, result), r.Clock.Now())
	status.ObservedGeneration = ws.Generation
	if info := result.info; info != nil {
		// For a user without devices, the id is not known. The workspace is still the same.
		status.WorkspaceID = cmp.Or(info.WorkspaceID, status.WorkspaceID)
		status.WorkspaceName, status.Sandbox = "", nil
		if info.Name != "" {
			status.WorkspaceName = redact.Truncate(info.Name, maxWorkspaceName)
			status.Sandbox = &info.IsSandbox
		}
	}
	if equality.Semantic.DeepEqual(before.Status, ws.Status) {
		return nil
	}
	// With an optimistic lock, as for AccessCodes: an older observation must not replace a newer one.
	err := kube.PatchStatus(ctx, r, ws, before)
	if apierrors.IsInvalid(err) && kube.UnreadableSpec(before.Undecodable) != "" {
		if r.Recorder != nil {
			r.Recorder.Eventf(ws, nil, corev1.EventTypeWarning, result.reason, kube.ActionObserve, "%s", redact.Truncate(result.message, kube.MaxMessage))
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing status of SeamWorkspace %q: %w", client.ObjectKeyFromObject(ws), err)
	}
	return nil
}

// maxWorkspaceName is how many characters of a workspace's name are kept.
const maxWorkspaceName = 256
