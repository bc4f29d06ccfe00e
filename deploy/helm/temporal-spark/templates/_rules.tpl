{{/* What workers may do in a namespace of applications. Nothing is here that no code uses; test/cluster/rbac.test.ts. */}}
{{- define "temporal-spark.applicationRules" -}}
# Drivers: created, read and watched until they have ended; cleared away on a kill, before the next run, and when their
# time to live is over. The patch takes the finalizer off.
- apiGroups: ['']
  resources: [pods]
  verbs: [create, get, list, watch, patch, delete]
# The end of a failed driver's log goes into the workflow's result.
- apiGroups: ['']
  resources: [pods/log]
  verbs: [get]
# What a driver needs beside its pod. Read where an earlier try had made it already.
- apiGroups: ['']
  resources: [services, configmaps, persistentvolumeclaims]
  verbs: [create, get]
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
# Why a driver does not start; and why housekeeping took a finalizer off, which is written there.
- apiGroups: ['']
  resources: [events]
  verbs: [create, list]
{{- end -}}

{{/* What Spark's drivers do in their namespace: executors and what those need. */}}
{{- define "temporal-spark.driverRules" -}}
- apiGroups: ['']
  resources: [pods, services, configmaps, persistentvolumeclaims]
  verbs: [get, list, watch, create, update, patch, delete, deletecollection]
{{- end -}}
