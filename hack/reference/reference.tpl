{{- /* The page docs/reference.md. Kinds first, then what they are made of in the order in which it is met. */ -}}
{{- define "gvList" -}}
<!-- Written by "make reference" from the comments in api/v1alpha1. -->
# API reference

Every field of every kind, as `kubectl explain` has it. [accesscode.md](accesscode.md) and
[seamworkspace.md](seamworkspace.md) say how to use them.
{{ range . }}{{ $types := .Types }}{{ $seen := dict }}
{{- range .SortedKinds }}{{ template "kind" dict "types" $types "name" . "seen" $seen }}{{ end }}
{{- end }}
{{- end }}

{{- define "kind" }}
{{- $kind := index .types .name }}
## {{ .name }}

{{ template "text" $kind.Doc }}

`apiVersion: {{ $kind.GVK.Group }}/{{ $kind.GVK.Version }}`, `kind: {{ .name }}`, with `metadata` as every object has it.
{{ template "members" $kind }}
{{- template "parts" dict "type" $kind "seen" .seen }}
{{- end }}

{{- /* The types of the fields of a type, each once. */ -}}
{{- define "parts" }}
{{- $seen := .seen }}
{{- range .type.Members }}
{{- $part := .Type }}
{{- if eq $part.Kind 4 }}{{ $part = $part.UnderlyingType }}{{ end }}
{{- if eq $part.Kind 5 }}{{ $part = $part.UnderlyingType }}{{ end }}
{{- if and $part.Members (hasPrefix "github.com/" $part.Package) (not (hasKey $seen $part.Name)) }}
{{- $_ := set $seen $part.Name true }}
### {{ $part.Name }}

{{ template "text" $part.Doc }}
{{ template "members" $part }}
{{- template "parts" dict "type" $part "seen" $seen }}
{{- end }}
{{- end }}
{{- end }}

{{- define "members" }}
| field | type | |
| --- | --- | --- |
{{- range .Members }}{{ if ne .Name "metadata" }}
| `{{ .Name }}` | {{ template "type" .Type }}{{ template "limits" .Validation }} | {{ template "text" .Doc }} |
{{- end }}{{ end }}
{{ template "rules" . }}
{{- end }}

{{- define "type" }}
{{- $t := . }}
{{- if eq $t.Kind 4 }}{{ $t = $t.UnderlyingType }}{{ end }}
{{- if eq $t.Kind 5 }}list of {{ template "type" $t.UnderlyingType }}
{{- else if has $t.Name (list "Time" "Duration") }}{{ lower $t.Name }}
{{- else if eq $t.Name "Condition" }}conditions of Kubernetes
{{- else if $t.EnumValues }}string
{{- else if $t.Members }}[{{ $t.Name }}](#{{ lower $t.Name }})
{{- else }}{{ markdownRenderType $t }}
{{- end }}
{{- end }}

{{- define "limits" }}
{{- range . }}
{{- if hasPrefix "Required" . }}, **required**
{{- else if hasPrefix "Enum: [" . }}: `{{ trimPrefix "Enum: [" . | trimSuffix "]" | replace " " "`, `" }}`
{{- else if hasPrefix "MaxItems: " . }}, at most {{ trimPrefix "MaxItems: " . }}
{{- else if hasPrefix "MaxLength: " . }}, at most {{ trimPrefix "MaxLength: " . }} characters
{{- end }}
{{- end }}
{{- end }}

{{- /* What the API server refuses: the rules of a type and those of its fields that have none of their own section. */ -}}
{{- define "rules" }}
{{- $rules := list }}
{{- range .Validation }}
{{- if hasPrefix "AtMostOneOf: [" . }}{{ $rules = append $rules (printf "at most one of `%s`" (trimPrefix "AtMostOneOf: [" . | trimSuffix "]" | replace " " "`, `")) }}{{ end }}
{{- if hasPrefix "ExactlyOneOf: [" . }}{{ $rules = append $rules (printf "exactly one of `%s`" (trimPrefix "ExactlyOneOf: [" . | trimSuffix "]" | replace " " "`, `")) }}{{ end }}
{{- if hasPrefix "MinProperties: " . }}{{ $rules = append $rules (printf "at least %s of the fields" (trimPrefix "MinProperties: " .)) }}{{ end }}
{{- end }}
{{- range index .Markers "kubebuilder:validation:XValidation" }}{{ $rules = append $rules .Message }}{{ end }}
{{- range .Members }}
{{- $t := .Type }}{{ if eq $t.Kind 4 }}{{ $t = $t.UnderlyingType }}{{ end }}
{{- if not (and $t.Members (hasPrefix "github.com/" $t.Package)) }}
{{- range index .Markers "kubebuilder:validation:XValidation" }}{{ $rules = append $rules .Message }}{{ end }}
{{- end }}{{ end }}
{{- if $rules }}
The API server refuses what breaks one of these rules:
{{ range $rules }}
- {{ template "text" . }}
{{- end }}
{{ end }}
{{- end }}

{{- define "text" }}{{ . | replace "\n" " " | replace "|" "\\|" | replace "<" "\\<" }}{{ end }}
