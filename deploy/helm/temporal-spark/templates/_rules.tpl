{{/*
Rights of the workers in a namespace of applications. test/cluster/chart.test.ts and operator-rights.test.ts check that
each is used.
*/}}
{{- define "temporal-spark.applicationRules" -}}
# Drivers: created, read and watched until they have ended; deleted on a kill, before the next run, and when their time to
# live has passed. The patch removes the finalizer.
- apiGroups: ['']
  resources: [pods]
  verbs: [{{ if not .Values.applications.isolated }}create, {{ end }}get, list, watch, patch, delete]
# The end of the log of a failed driver is part of the workflow's result.
- apiGroups: ['']
  resources: [pods/log]
  verbs: [get]
{{- if .Values.applications.progress }}
# Progress of a driver's jobs, stages and tasks, from its REST API through the API server.
- apiGroups: ['']
  resources: [pods/proxy]
  verbs: [get]
{{- end }}
{{- if .Values.applications.isolated }}
# All objects of an application are created as its service account, with the rights of that account.
- apiGroups: ['']
{{- if eq (dig "isolated" "rights" "impersonation" .Values.submitters) "token" }}
  resources: [serviceaccounts/token]
  verbs: [create]
{{- else }}
  resources: [serviceaccounts]
  verbs: [impersonate]
{{- end }}
# Outputs that drivers of pipelines write to ConfigMaps.
- apiGroups: ['']
  resources: [configmaps]
  verbs: [get]
{{- else }}
# The other objects of a driver. Read if a previous try has already created them.
- apiGroups: ['']
  resources: [services, configmaps, persistentvolumeclaims]
  verbs: [create, get]
# The submitter batch: a ConfigMap that several drivers share belongs to each of them.
- apiGroups: ['']
  resources: [configmaps]
  verbs: [patch]
{{ include "temporal-spark.companionRules" . }}
{{- end }}
{{- if .Values.operator.enabled }}
# SparkApplication resources are watched, read before each further attempt, created for the runs of schedules and the
# servers of Spark Connect sessions, and deleted when their time to live has passed or the history of their schedule is
# full. The patch suspends servers that are idle.
- apiGroups: [sparkoperator.k8s.io]
  resources: [sparkapplications]
  verbs: [create, get, list, watch, patch, delete]
- apiGroups: [sparkoperator.k8s.io]
  resources: [scheduledsparkapplications]
  verbs: [get, list, watch]
- apiGroups: [sparkoperator.k8s.io]
  resources: [sparkconnects]
  verbs: [list, watch]
- apiGroups: [sparkoperator.k8s.io]
  resources: [sparkapplications/status, scheduledsparkapplications/status, sparkconnects/status]
  verbs: [patch]
# The Services of Spark Connect sessions.
- apiGroups: ['']
  resources: [services]
  verbs: [create, get, patch]
{{- if .Values.applications.rights.ingresses }}
# Their Ingresses, or routes of a Gateway.
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [create, get, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [grpcroutes]
  verbs: [create, get, patch, delete]
{{- end }}
# Drivers belong to their resource; clusters with OwnerReferencesPermissionEnforcement require it.
- apiGroups: [sparkoperator.k8s.io]
  resources: [sparkapplications/finalizers]
  verbs: [update]
{{- end }}
{{- if include "temporal-spark.tenancyByLabel" . }}
# The labels of the namespace, for rules of tenancy.
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get]
{{- end }}
# Read to report why a driver does not start; created to record why housekeeping removed a finalizer. With the operator,
# also the Events of resources, which are counted.
- apiGroups: ['']
  resources: [events]
  verbs: [create, list{{ if .Values.operator.enabled }}, patch{{ end }}]
{{- end -}}

{{/* Other objects of an application, as far as the values enable them. */}}
{{- define "temporal-spark.companionRules" -}}
# spec.driverPodDisruptionBudget.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [create, get]
# Spark 4.2 and later protect executors by a NetworkPolicy.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [create, get]
{{- if .Values.applications.rights.ingresses }}
# Ingresses of UIs and of driver ports.
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
# The submitter spark-submit-job: a Job for each submission, and a Secret with the submission.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create, get, delete]
- apiGroups: ['']
  resources: [secrets]
  verbs: [create, delete]
{{- end }}
{{- end }}
{{- end -}}
