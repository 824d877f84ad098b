#!/usr/bin/env bash
# controller-runtime: at the stop, what was started before the controllers is stopped before them too, and they go on.
#
# Seen on 29 November 2026 with sigs.k8s.io/controller-runtime v0.25.2, the newest, on Go 1.26.8, without a cluster.
#
# Guess: the manager stops its runnables in the opposite order: a runnable that needs no lease starts before the controllers,
# as something for them to rest upon, and outlives them; or all are told at once.
# Seen: the runnables without a lease are stopped and waited for first. Until the last of them has returned the controllers
# know of nothing: they begin new reconciles, of new items, and the context of these is not cancelled.
# Output: runnable: starts
#         runnable: is told to stop
#         controller: a reconcile begins, context error <nil>   (three times)
#         runnable: has ended
#         controller: is told to stop
# Why it matters: a limiter, a sender of events or a poller that controllers use is gone while they still make codes on locks:
# a reconcile that waits for it waits in vain, and what it reports is lost. And a slow one takes the grace period from them.
# Such a runnable has to serve until its users have ended, by another signal than its context.
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
	"net/http"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// everywhere runs on each replica, leader or not.
type everywhere func(context.Context) error

func (run everywhere) Start(ctx context.Context) error { return run(ctx) }
func (everywhere) NeedLeaderElection() bool            { return false }

func main() {
	manager, err := ctrl.NewManager(&rest.Config{Host: "127.0.0.1:1"}, ctrl.Options{
		Logger:         logr.Discard(),
		Metrics:        server.Options{BindAddress: "0"},
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return meta.NewDefaultRESTMapper(nil), nil },
	})
	check(err)
	ctx, stop := context.WithCancel(context.Background())
	told, third := make(chan struct{}), make(chan struct{})

	check(manager.Add(everywhere(func(ctx context.Context) error {
		fmt.Println("runnable: starts")
		<-ctx.Done()
		fmt.Println("runnable: is told to stop")
		close(told)
		<-third
		fmt.Println("runnable: has ended")
		return nil
	})))

	number := 0
	codes, err := controller.New("codes", manager, controller.Options{
		Reconciler: reconcile.Func(func(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
			number++
			switch number {
			case 1:
				stop()
				<-told
			case 2, 3, 4:
				fmt.Println("controller: a reconcile begins, context error", ctx.Err())
			case 5:
				close(third)
				<-ctx.Done()
				fmt.Println("controller: is told to stop")
			}
			return reconcile.Result{RequeueAfter: 1}, nil
		}),
	})
	check(err)
	check(codes.Watch(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		queue.Add(reconcile.Request{})
		return nil
	})))
	check(manager.Start(ctx))
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
runnable: starts
runnable: is told to stop
controller: a reconcile begins, context error <nil>
controller: a reconcile begins, context error <nil>
controller: a reconcile begins, context error <nil>
runnable: has ended
controller: is told to stop
WANT
