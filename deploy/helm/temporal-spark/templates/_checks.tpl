{{/* Refuses values that each are allowed, but not together: all of them at once. */}}
{{- define "temporal-spark.checks" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- if gt (int $values.replicas.min) (int $values.replicas.max) -}}
{{- $problems = append $problems (printf "replicas.min is %d, replicas.max only %d: make max at least min" (int $values.replicas.min) (int $values.replicas.max)) -}}
{{- end -}}
{{- with $values.temporal.tls -}}
{{- if and (not .enabled) (or .secretName .serverName) -}}
{{- $problems = append $problems "temporal.tls.enabled is false, but secretName or serverName is given, which would have no effect: set enabled to true, or leave them out" -}}
{{- else if and .secretName (not .ca) (not .clientCertificate) -}}
{{- $problems = append $problems (printf "temporal.tls.secretName is %q, but nothing of that Secret is used: set temporal.tls.ca (it holds ca.crt) or temporal.tls.clientCertificate (tls.crt and tls.key), or leave it out" .secretName) -}}
{{- end -}}
{{- end -}}
{{- if and (has .Release.Namespace $values.applications.namespaces) $values.quota.enabled -}}
{{- $problems = append $problems (printf "applications.namespaces names %q, the workers' own namespace, whose quota has room for workers only: give the workers a namespace of their own (--namespace), or set quota.enabled to false" .Release.Namespace) -}}
{{- end -}}
{{- if and $values.uiIngress.url (not $values.applications.rights.ingresses) -}}
{{- $problems = append $problems "uiIngress.url has workers make an Ingress for each application, which they have no right to: set applications.rights.ingresses to true" -}}
{{- end -}}
{{- $chosen := list ($values.submitters.default | default "") -}}
{{- range (concat ($values.submitters.rules | default list) ($values.submitters.canary | default list)) -}}
{{- $chosen = append $chosen .submitter -}}
{{- end -}}
{{- if $values.applications.isolated -}}
{{- range (list "native" "batch" "spark-submit") -}}
{{- if has . $chosen -}}
{{- $problems = append $problems (printf "submitters chooses %q, but with applications.isolated workers may create nothing: leave it out, or set applications.isolated to false" .) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range (list "isolated" "spark-submit-job") -}}
{{- if has . $chosen -}}
{{- $problems = append $problems (printf "submitters chooses %q, whose rights come with applications.isolated: set that to true; where only some namespaces are isolated, give them a release of their own" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (has "spark-submit-job" $chosen) (not (hasKey $values.submitters "sparkSubmitJob")) -}}
{{- $problems = append $problems "submitters chooses \"spark-submit-job\", which there is only where submitters.sparkSubmitJob is given: set that, {} for the image of the workers" -}}
{{- end -}}
{{- if and $values.clusters.secretName (not $values.clusters.configuration) -}}
{{- $problems = append $problems "clusters.secretName is given, but no clusters.configuration that uses its kubeconfigs: give that, too, or leave it out" -}}
{{- end -}}
{{- range ($values.clusters.configuration.clusters | default list) -}}
{{- if and .kubeconfig (not $values.clusters.secretName) -}}
{{- $problems = append $problems (printf "clusters.configuration: cluster %q is reached by the kubeconfig %q, but clusters.secretName names no Secret that holds it" .name .kubeconfig) -}}
{{- end -}}
{{- end -}}
{{- if and $values.metrics.serviceMonitor.enabled (not $values.metrics.enabled) -}}
{{- $problems = append $problems "metrics.serviceMonitor.enabled is true, but metrics.enabled is false: there is nothing to read; set both or neither" -}}
{{- end -}}
{{- range $key, $value := $values.controllerPool.labels -}}
{{- if not (regexMatch "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$" $value) -}}
{{- $problems = append $problems (printf "controllerPool.labels: %s=%q can be no label of a node: see kubectl get nodes --show-labels" $key $value) -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "these values can't be:\n- %s" (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}
