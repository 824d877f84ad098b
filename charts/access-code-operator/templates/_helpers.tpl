{{- define "access-code-operator.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 36 | trimSuffix "-" }}
{{- end }}

{{/* What all names begin with. The longest suffix leaves 36 of the 63 characters that a Service may have. */}}
{{- define "access-code-operator.fullname" -}}
{{- $name := include "access-code-operator.name" . -}}
{{- $own := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ default $own .Values.fullnameOverride | trunc 36 | trimSuffix "-" }}
{{- end }}

{{- define "access-code-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (printf "%s-controller-manager" (include "access-code-operator.fullname" .)) .Values.serviceAccount.name }}
{{- else -}}
{{ required "serviceAccount.name must be given when serviceAccount.create is off" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{/* What tells the Pods of this release from all others. */}}
{{- define "access-code-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "access-code-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
control-plane: controller-manager
{{- end }}

{{/* Labels of every object. Those of the chart win over commonLabels: selectors rest on them. */}}
{{- define "access-code-operator.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "access-code-operator.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{ mergeOverwrite (deepCopy .Values.commonLabels) $own | toYaml }}
{{- end }}

{{/* The metadata of an object, from root, name and, where there are some, namespace, labels and annotations. */}}
{{- define "access-code-operator.metadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
{{- $own := include "access-code-operator.labels" .root | fromYaml }}
labels:
  {{- mergeOverwrite $own (.labels | default dict) | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy .root.Values.commonAnnotations) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Rules of a role, as config/rbac has them. Takes root and file. */}}
{{- define "access-code-operator.rules" -}}
{{ (.root.Files.Get (printf "files/rbac/%s" .file) | fromYaml).rules | toYaml }}
{{- end }}

{{/* The operator's account, as the subject of a binding. */}}
{{- define "access-code-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "access-code-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Whether metrics are served: who asks for them is looked up with a ClusterRole, which some installs have not. */}}
{{- define "access-code-operator.metricsServed" -}}
{{- if and .Values.metrics.enabled (not (and .Values.watchNamespaces .Values.metrics.secure)) -}}
true
{{- end -}}
{{- end }}

{{- define "access-code-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The environment. $(KUBERNETES_SERVICE_HOST) is filled in by the kubelet. */}}
{{- define "access-code-operator.env" -}}
{{- with .Values.proxy }}
{{- with .http }}
- name: HTTP_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .https }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- if or .http .https }}
- name: NO_PROXY
  value: {{ concat (list "$(KUBERNETES_SERVICE_HOST)") .noProxy | join "," | quote }}
{{- end }}
{{- end }}
{{- if or .Values.ca.secretName .Values.ca.configMapName }}
- name: SSL_CERT_DIR
  value: /etc/ssl/certs:/etc/access-code-operator/ca
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "access-code-operator.volumes" -}}
{{- with .Values.ca }}
{{- if and .secretName .configMapName }}
{{- fail "ca.secretName and ca.configMapName can't both be given" }}
{{- end }}
{{- with .secretName }}
- name: ca
  secret:
    secretName: {{ . }}
    items:
    - key: {{ $.Values.ca.key }}
      path: ca.crt
{{- end }}
{{- with .configMapName }}
- name: ca
  configMap:
    name: {{ . }}
    items:
    - key: {{ $.Values.ca.key }}
      path: ca.crt
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "access-code-operator.volumeMounts" -}}
{{- if or .Values.ca.secretName .Values.ca.configMapName }}
- name: ca
  mountPath: /etc/access-code-operator/ca
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}
