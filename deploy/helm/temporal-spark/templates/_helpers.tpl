{{- define "temporal-spark.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
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
