#!/usr/bin/env bash
# Helm: in a Go test its library renders for Kubernetes 1.20, and so refuses charts that the same code renders elsewhere.
#
# Seen on 29 November 2026 with helm.sh/helm/v4 v4.3.2, the newest, on Go 1.26.8.
#
# Guess: a client-only dry run takes the newest version that the library knows, as `helm template` does, wherever it is called.
# Seen: the library looks whether it runs in a test binary. In a program the version is that of client-go, 1.37; in a test of
# that program it is 1.20, which got its last release in 2022. The documentation of the field and of the default says neither.
# Output: go run:  rendered for v1.37.0
#         go test: chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.20.0
#         go test, KubeVersion set: rendered for v1.37.0
# Why it matters: a chart without kubeVersion is tested by the branches that it has for old clusters, and none of those that
# go out. A test that passes proves another manifest than is installed. Set KubeVersion in each test that renders.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get helm.sh/helm/v4@v4.3.2 >/dev/null 2>&1

cat >see.go <<'GO'
package main

import (
	"context"
	"fmt"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/release"
)

func main() { fmt.Println("go run: ", render(nil)) }

func render(version *common.KubeVersion) string {
	install := action.NewInstall(new(action.Configuration))
	install.ReleaseName, install.Namespace, install.DryRunStrategy, install.KubeVersion = "see", "default", action.DryRunClient, version
	made, err := install.RunWithContext(context.Background(), &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "see", Version: "1.0.0", KubeVersion: ">=1.30.0-0"},
		Templates: []*common.File{{Name: "templates/see.yaml", Data: []byte("rendered for {{ .Capabilities.KubeVersion }}: yes")}},
	}, nil)
	if err != nil {
		return err.Error()
	}
	manifest, err := release.NewAccessor(made)
	if err != nil {
		return err.Error()
	}
	_, rendered, _ := strings.Cut(manifest.Manifest(), "\nrendered")
	return "rendered" + strings.TrimSuffix(rendered, ": yes\n")
}
GO
cat >see_test.go <<'GO'
package main

import (
	"fmt"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
)

func TestRender(t *testing.T) {
	fmt.Println("go test:", render(nil))
	version, err := common.ParseKubeVersion("v1.37.0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("go test, KubeVersion set:", render(version))
}
GO

seen=$(go run . && go test -count=1 -v . | grep '^go test')
echo "$seen"
diff <(echo "$seen") - <<'WANT'
go run:  rendered for v1.37.0
go test: chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.20.0
go test, KubeVersion set: rendered for v1.37.0
WANT
