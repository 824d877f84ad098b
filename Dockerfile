# The operator's image: a static program and the certificate authorities. The program runs as a user without a name and
# writes no file, so that the root file system may be read-only.
#
# "make image" builds the same without Docker. The flags of go build are those of the Makefile; "make test-image" holds
# them together.
ARG GO_VERSION=1.26

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY api api/
COPY controllers controllers/
COPY internal internal/
ARG TARGETOS TARGETARCH VERSION REVISION
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.stamp=${VERSION}@${REVISION}" -o /access-code-operator .

FROM scratch
ARG VERSION REVISION
LABEL org.opencontainers.image.title="access-code-operator" \
      org.opencontainers.image.source="https://github.com/access-codes/access-code-operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /access-code-operator /access-code-operator
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/access-code-operator"]
