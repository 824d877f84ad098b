#!/usr/bin/env bash
# controller-runtime: the timers of objects that are older than the process stand behind all others until an object changes.
#
# Seen on 29 November 2026 with sigs.k8s.io/controller-runtime v0.25.2, the newest, on Go 1.26.8, with its defaults.
#
# Guess: the low priority of what the first list brings is for the flood of a start. Once reconciled, an object is as good
# as any, and of two timers that are due the earlier one comes first.
# Seen: a result without a priority of its own gives the one back that the item had. With the handlers' -100 for the first
# list RequeueAfter stays at -100 from timer to timer, and after an error so does the retry; what was created since is at 0.
# When the worker is free, the later timer of the younger object comes first. Each half is documented, the sum is not.
# Output: start:  new-1 new-2 old-1 old-2
#         timers: new-1 new-2 old-1 old-2 (those of the old were due a second before)
# Why it matters: after each restart, and so after each upgrade, the codes that end tonight wait behind those booked today for
# as long as there is a backlog, and a door opens late or stays open. Who runs by timers sets Result.Priority to 0.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get sigs.k8s.io/controller-runtime@v0.25.2 >/dev/null 2>&1

cat >see.go <<'GO'
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

func main() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	started, free, four := make(chan queue, 1), make(chan struct{}), make(chan struct{})
	var order []string

	codes, err := controller.NewUnmanaged("codes", controller.Options{
		Logger: logr.Discard(),
		Reconciler: reconcile.Func(func(_ context.Context, request reconcile.Request) (reconcile.Result, error) {
			if request.Name == "busy" {
				<-free
				order = nil
				return reconcile.Result{}, nil
			}
			if order = append(order, request.Name); len(order) == 4 {
				four <- struct{}{}
			}
			if strings.HasPrefix(request.Name, "old") {
				return reconcile.Result{RequeueAfter: time.Second}, nil
			}
			return reconcile.Result{RequeueAfter: 2 * time.Second}, nil
		}),
	})
	check(err)
	check(codes.Watch(source.Func(func(_ context.Context, queue queue) error {
		created(ctx, queue, true, "old-1", "old-2")
		created(ctx, queue, false, "new-1", "new-2")
		started <- queue
		return nil
	})))
	go func() { check(codes.Start(ctx)) }()

	queue := <-started
	<-four
	fmt.Println("start: ", strings.Join(order, " "))
	created(ctx, queue, false, "busy")
	time.Sleep(3 * time.Second)
	close(free)
	<-four
	fmt.Println("timers:", strings.Join(order, " "))
}

// created is what an informer tells of objects, initial for those that its first list has.
func created(ctx context.Context, queue queue, initial bool, names ...string) {
	for _, name := range names {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
		(&handler.EnqueueRequestForObject{}).Create(ctx, event.CreateEvent{Object: object, IsInInitialList: initial}, queue)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO

seen=$(go run .)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
start:  new-1 new-2 old-1 old-2
timers: new-1 new-2 old-1 old-2
WANT
