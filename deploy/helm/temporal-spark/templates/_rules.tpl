{{/* What workers may do in a namespace of applications. Nothing is here that no code uses; test/cluster/chart.test.ts. */}}
{{- define "temporal-spark.applicationRules" -}}
# Drivers: created, read and watched until they have ended; cleared away on a kill, before the next run, and when their
# time to live is over. The patch takes the finalizer off.
- apiGroups: ['']
  resources: [pods]
  verbs: [{{ if not .Values.applications.isolated }}create, {{ end }}get, list, watch, patch, delete]
# The end of a failed driver's log goes into the workflow's result.
- apiGroups: ['']
  resources: [pods/log]
  verbs: [get]
{{- if .Values.applications.progress }}
# How far a driver's jobs, stages and tasks are: its REST API is asked by way of the API server.
- apiGroups: ['']
  resources: [pods/proxy]
  verbs: [get]
{{- end }}
{{- if .Values.applications.isolated }}
# Whatever is made for an application is made as its service account, with the rights that has.
- apiGroups: ['']
{{- if eq (dig "isolated" "rights" "impersonation" .Values.submitters) "token" }}
  resources: [serviceaccounts/token]
  verbs: [create]
{{- else }}
  resources: [serviceaccounts]
  verbs: [impersonate]
{{- end }}
# Outputs that drivers of pipelines leave in ConfigMaps.
- apiGroups: ['']
  resources: [configmaps]
  verbs: [get]
{{- else }}
# What a driver needs beside its pod. Read where an earlier try had made it already.
- apiGroups: ['']
  resources: [services, configmaps, persistentvolumeclaims]
  verbs: [create, get]
# The submitter batch: a ConfigMap that several drivers share belongs to each of them.
- apiGroups: ['']
  resources: [configmaps]
  verbs: [patch]
{{ include "temporal-spark.companionRules" . }}
{{- end }}
# Why a driver does not start; and why housekeeping took a finalizer off, which is written there.
- apiGroups: ['']
  resources: [events]
  verbs: [create, list]
{{- end -}}

{{/* What may be made beside a driver, as far as the values ask for it. */}}
{{- define "temporal-spark.companionRules" -}}
# spec.driverPodDisruptionBudget.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [create, get]
# Spark 4.2 and later shield executors by a NetworkPolicy.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [create, get]
{{- if .Values.applications.rights.ingresses }}
# Ways from outside to UIs and drivers' ports.
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [create, get]
{{- end }}
{{- if .Values.applications.rights.volcano }}
# spec.batchScheduler: volcano.
- apiGroups: [scheduling.volcano.sh]
  resources: [podgroups]
  verbs: [create, get]
{{- end }}
{{- if .Values.applications.rights.schedulerPlugins }}
# spec.batchScheduler of the coscheduling plugin.
- apiGroups: [scheduling.x-k8s.io]
  resources: [podgroups]
  verbs: [create, get]
{{- end }}
{{- end -}}

{{/* What Spark's drivers do in their namespace: executors and what those need; isolated, what is made for them besides. */}}
{{- define "temporal-spark.driverRules" -}}
- apiGroups: ['']
  resources: [pods, services, configmaps, persistentvolumeclaims]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
{{- if .Values.applications.isolated }}
{{ include "temporal-spark.companionRules" . }}
{{- if hasKey .Values.submitters "sparkSubmitJob" }}
# The submitter spark-submit-job: a Job for each submission, and a Secret that tells it what to submit.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create, get, delete]
- apiGroups: ['']
  resources: [secrets]
  verbs: [create, delete]
{{- end }}
{{- end }}
{{- end -}}
