{{- define "temporal-spark.name" -}}
{{- $chart := .Values.nameOverride | default .Chart.Name -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- .Values.fullnameOverride | default $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "temporal-spark.tag" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "temporal-spark.selectorLabels" -}}
app.kubernetes.io/name: temporal-spark
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: worker
{{- end -}}

{{- define "temporal-spark.labels" -}}
{{ include "temporal-spark.selectorLabels" . }}
app.kubernetes.io/version: {{ include "temporal-spark.tag" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "temporal-spark.priorityClass" -}}
{{- if .Values.priorityClass.name -}}
{{- .Values.priorityClass.name -}}
{{- else if .Values.priorityClass.create -}}
{{- printf "%s-controllers" (include "temporal-spark.name" .) -}}
{{- end -}}
{{- end -}}

{{/* The controller pool as a label selector. */}}
{{- define "temporal-spark.controllerNodes" -}}
{{- $terms := list -}}
{{- range $key, $value := .Values.controllerPool.labels -}}
{{- $terms = append $terms (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- $terms | join "," | default "node-role.kubernetes.io/control-plane" -}}
{{- end -}}

{{- define "temporal-spark.followsNodes" -}}
{{- if and .Values.replicas.follow .Values.readNodes -}}true{{- end -}}
{{- end -}}

{{/* The configuration of submitters, as YAML; may be empty. */}}
{{- define "temporal-spark.submitters" -}}
{{- $isolated := ternary (dict "default" "isolated") dict .Values.applications.isolated -}}
{{- $job := dict -}}
{{- if hasKey .Values.submitters "sparkSubmitJob" -}}
{{- $job = dict "sparkSubmitJob" (dict "image" (include "temporal-spark.image" (list . (include "temporal-spark.tag" .)))) -}}
{{- end -}}
{{- with merge (dict) .Values.submitters $isolated $job }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* Whether a rule of tenancy allows namespaces by label. */}}
{{- define "temporal-spark.tenancyByLabel" -}}
{{- range (.Values.tenancy.rules | default list) -}}
{{- if hasKey . "namespaceLabels" -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* The image of a version: of (list root version). A digest is that of image.tag. */}}
{{- define "temporal-spark.image" -}}
{{- $root := index . 0 -}}
{{- $version := index . 1 -}}
{{- $isTag := eq $version (include "temporal-spark.tag" $root) -}}
{{- $root.Values.image.repository }}:{{ $version }}{{ if and $isTag $root.Values.image.digest }}@{{ $root.Values.image.digest }}{{ end -}}
{{- end -}}

{{/* The versions of the workers, image.tag first; as JSON. */}}
{{- define "temporal-spark.versions" -}}
{{- $versions := list (include "temporal-spark.tag" .) -}}
{{- if .Values.versioning.enabled -}}
{{- $versions = concat $versions .Values.versioning.keepVersions -}}
{{- else if .Values.versioning.keepVersions -}}
{{- fail "versioning.keepVersions has no effect while versioning.enabled is false: set that to true, or remove the versions" -}}
{{- end -}}
{{- range $version := $versions -}}
{{- if and $.Values.versioning.enabled (not (regexMatch "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,38}[A-Za-z0-9])?$" $version)) -}}
{{- fail (printf "version %q cannot be the name of a Deployment and a label: give the image a tag of at most 40 letters, digits, '-', '_' and '.'" $version) -}}
{{- end -}}
{{- range $other := without $versions $version -}}
{{- if eq (include "temporal-spark.versionSuffix" $version) (include "temporal-spark.versionSuffix" $other) -}}
{{- fail (printf "versions %q and %q would share the Deployment with the suffix %q: give one of the images another tag" $version $other (include "temporal-spark.versionSuffix" $version)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ne (len $versions) (len (uniq $versions)) -}}
{{- fail (printf "versions %s contain duplicates: list in versioning.keepVersions only versions other than image.tag, once each" (join ", " $versions)) -}}
{{- end -}}
{{- toJson $versions -}}
{{- end -}}

{{- define "temporal-spark.versionSuffix" -}}
{{- . | lower | replace "." "-" | replace "_" "-" -}}
{{- end -}}

{{/* The Deployment of one version: dict "root" $ "version" VERSION. */}}
{{- define "temporal-spark.deployment" -}}
{{- include "temporal-spark.name" .root -}}
{{- if .root.Values.versioning.enabled -}}
-{{ include "temporal-spark.versionSuffix" .version }}
{{- end -}}
{{- end -}}

{{/* Labels of the pods of one version only: dict "root" $ "version" VERSION. */}}
{{- define "temporal-spark.versionLabels" -}}
{{ include "temporal-spark.selectorLabels" .root }}
{{- if .root.Values.versioning.enabled }}
temporal-spark/build-id: {{ .version | quote }}
{{- end }}
{{- end -}}

{{/* URL of the archive of logs; empty without one. */}}
{{- define "temporal-spark.logArchive" -}}
{{- with .Values.logArchive -}}
{{- if .volume.claimName -}}
file:///var/log/temporal-spark
{{- else if .s3.bucket -}}
{{- $parameters := list -}}
{{- if .s3.endpoint -}}{{- $parameters = append $parameters (printf "endpoint=%s" (urlquery .s3.endpoint)) -}}{{- end -}}
{{- if .s3.region -}}{{- $parameters = append $parameters (printf "region=%s" (urlquery .s3.region)) -}}{{- end -}}
s3://{{ .s3.bucket }}{{ with trimAll "/" .s3.prefix }}/{{ . }}{{ end }}{{ with $parameters }}?{{ join "&" . }}{{ end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What texts the next template takes. */}}
{{- define "temporal-spark.labelSelectorPattern" -}}
{{- $value := "([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)" -}}
{{- $key := printf "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?%s" $value -}}
{{- $compared := printf "%s\\s*(==?|!=)\\s*%s?" $key $value -}}
{{- $listed := printf "%s\\s+(in|notin)\\s*\\(\\s*%s(\\s*,\\s*%s)*\\s*\\)" $key $value $value -}}
{{- $requirement := printf "(!?\\s*%s|%s|%s)" $key $compared $listed -}}
{{- printf "^(\\s*%s\\s*(,\\s*%s\\s*)*)?$" $requirement $requirement -}}
{{- end -}}

{{/* A label selector as an object, from its text: `a=b,c in (d,e),!f`. */}}
{{- define "temporal-spark.labelSelector" -}}
{{- $expressions := list -}}
{{- range $requirement := regexFindAll "[^,(]+(\\([^)]*\\))?" (default "" .) -1 -}}
{{- $text := trim $requirement -}}
{{- $values := list -}}
{{- $key := $text -}}
{{- $operator := "Exists" -}}
{{- if regexMatch "^\\S+\\s+(in|notin)\\s*\\(" $text -}}
{{- $key = regexFind "^\\S+" $text -}}
{{- $operator = ternary "NotIn" "In" (regexMatch "^\\S+\\s+notin" $text) -}}
{{- range splitList "," (regexFind "\\(.*\\)" $text | trimPrefix "(" | trimSuffix ")") -}}
{{- $values = append $values (trim .) -}}
{{- end -}}
{{- else if contains "=" $text -}}
{{- $operator = ternary "NotIn" "In" (contains "!=" $text) -}}
{{- $key = trim (regexFind "^[^!=]+" $text) -}}
{{- $values = list (trim (regexReplaceAll "^[^=]+==?" $text "")) -}}
{{- else if hasPrefix "!" $text -}}
{{- $operator = "DoesNotExist" -}}
{{- $key = trim (trimPrefix "!" $text) -}}
{{- end -}}
{{- $expression := dict "key" $key "operator" $operator -}}
{{- if $values -}}
{{- $expression = set $expression "values" $values -}}
{{- end -}}
{{- $expressions = append $expressions $expression -}}
{{- end -}}
{{- if $expressions }}
{{- dict "matchExpressions" $expressions | toYaml }}
{{- end }}
{{- end -}}
