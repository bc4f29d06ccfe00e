{{/* Rejects values that are allowed each, but not together; reports all problems at once. */}}
{{- define "temporal-spark.checks" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- with $values.image -}}
{{- if not .repository -}}
{{- $problems = append $problems "image.repository is missing: build the image with the Dockerfile, push it to your registry, and set image.repository=registry.example.com/temporal-spark" -}}
{{- end -}}
{{- if not (regexMatch "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$" .tag) -}}
{{- $problems = append $problems (printf "image.tag is %q, but a tag here has at most 63 letters, digits, '-', '_' and '.': set a digest in image.digest" .tag) -}}
{{- end -}}
{{- if not (regexMatch "^([a-z0-9]+:[0-9a-f]{32,})?$" .digest) -}}
{{- $problems = append $problems (printf "image.digest is %q, but a digest is like sha256:0123abcd…" .digest) -}}
{{- end -}}
{{- end -}}
{{- if not $values.temporal.address -}}
{{- $problems = append $problems "temporal.address is missing: set it to host:port of Temporal's frontend, for example temporal-frontend.temporal.svc:7233" -}}
{{- else if not (regexMatch "^[^\\s:/]+:[0-9]{1,5}$" $values.temporal.address) -}}
{{- $problems = append $problems (printf "temporal.address is %q, but must be host:port, for example temporal-frontend.temporal.svc:7233" $values.temporal.address) -}}
{{- end -}}
{{- if not (or $values.applications.clusterWide $values.applications.namespaces) -}}
{{- $problems = append $problems "applications has no namespace: set applications.namespaces={spark}, or applications.clusterWide=true for all namespaces" -}}
{{- end -}}
{{- if $values.nodeSelector -}}
{{- $problems = append $problems "nodeSelector has no effect: set controllerPool.labels to the labels of the nodes of the workers" -}}
{{- end -}}
{{- if $values.tolerations -}}
{{- $problems = append $problems "tolerations has no effect: set controllerPool.tolerations" -}}
{{- end -}}
{{- range $kind, $of := $values.resources -}}
{{- range $name, $quantity := $of -}}
{{- if not (or (kindIs "invalid" $quantity) (regexMatch "^[0-9]+(\\.[0-9]*)?(m|k|M|G|T|P|E|[KMGTPE]i|e[0-9]+)?$" (toString $quantity))) -}}
{{- $problems = append $problems (printf "resources.%s.%s is %q, which is not a quantity, such as 500m or 1Gi" $kind $name (toString $quantity)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if gt (int $values.replicas.min) (int $values.replicas.max) -}}
{{- $problems = append $problems (printf "replicas.min is %d, but replicas.max is %d: set max to at least min" (int $values.replicas.min) (int $values.replicas.max)) -}}
{{- end -}}
{{- with $values.temporal.tls -}}
{{- if and (or .ca .clientCertificate) (not (and .enabled .secretName)) -}}
{{- $problems = append $problems "temporal.tls.ca and temporal.tls.clientCertificate are keys of a Secret: set temporal.tls.secretName to its name and temporal.tls.enabled to true" -}}
{{- end -}}
{{- if and (not .enabled) (or .secretName .serverName) -}}
{{- $problems = append $problems "temporal.tls.enabled is false, so secretName and serverName have no effect: set enabled to true, or remove them" -}}
{{- else if and .secretName (not .ca) (not .clientCertificate) -}}
{{- $problems = append $problems (printf "temporal.tls.secretName is %q, but no key of that Secret is used: set temporal.tls.ca (for ca.crt) or temporal.tls.clientCertificate (for tls.crt and tls.key), or remove secretName" .secretName) -}}
{{- end -}}
{{- end -}}
{{- if and (has .Release.Namespace $values.applications.namespaces) $values.quota.enabled -}}
{{- $problems = append $problems (printf "applications.namespaces contains %q, the namespace of the workers, whose quota admits workers only: install the workers in another namespace (--namespace), or set quota.enabled to false" .Release.Namespace) -}}
{{- end -}}
{{- if and $values.uiIngress.url (not $values.applications.rights.ingresses) -}}
{{- $problems = append $problems "uiIngress.url makes workers create an Ingress for each application, which they have no right to: set applications.rights.ingresses to true" -}}
{{- end -}}
{{- $unused := list -}}
{{- range $name, $value := omit $values.operator "enabled" -}}
{{- if and $value (not $values.operator.enabled) -}}
{{- $unused = append $unused (printf "operator.%s" $name) -}}
{{- end -}}
{{- end -}}
{{- if $unused -}}
{{- $problems = append $problems (printf "operator.enabled is false, so %s have no effect: set enabled to true, or remove them" (join ", " $unused)) -}}
{{- end -}}
{{- range $name := list "selector" "namespaceSelector" -}}
{{- $selector := get $values.operator $name -}}
{{- if not (regexMatch (include "temporal-spark.labelSelectorPattern" $) $selector) -}}
{{- $problems = append $problems (printf "operator.%s is %q, which is not a label selector: write key=value, key!=value, key in (a, b), key notin (a, b), key or !key, separated by commas" $name $selector) -}}
{{- end -}}
{{- end -}}
{{- if and $values.operator.namespaceSelector (not $values.applications.clusterWide) -}}
{{- $problems = append $problems "operator.namespaceSelector has no effect on the namespaces that applications.namespaces names: set applications.clusterWide to true, or remove it" -}}
{{- end -}}
{{- if and $values.applications.clusterWide $values.applications.isolated -}}
{{- $problems = append $problems "applications.clusterWide with applications.isolated lets workers act as every service account of the cluster, those of kube-system included: name the namespaces of the applications in applications.namespaces instead, or set applications.isolated to false" -}}
{{- end -}}
{{- $chosen := list ($values.submitters.default | default "") -}}
{{- range (concat ($values.submitters.rules | default list) ($values.submitters.canary | default list)) -}}
{{- $chosen = append $chosen .submitter -}}
{{- end -}}
{{- $known := list "" "native" "batch" "isolated" "spark-submit" "spark-submit-job" -}}
{{- range ($values.submitters.modules | default list) -}}
{{- $known = append $known .name -}}
{{- end -}}
{{- range (uniq $chosen) -}}
{{- if not (has . $known) -}}
{{- $problems = append $problems (printf "submitters chooses %q, which does not exist: choose one of %s, or add it to submitters.modules" . (join ", " (rest $known))) -}}
{{- end -}}
{{- end -}}
{{- if $values.applications.isolated -}}
{{- range (list "native" "batch" "spark-submit") -}}
{{- if has . $chosen -}}
{{- $problems = append $problems (printf "submitters chooses %q, but with applications.isolated workers may create nothing: remove it, or set applications.isolated to false" .) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range (list "isolated" "spark-submit-job") -}}
{{- if has . $chosen -}}
{{- $problems = append $problems (printf "submitters chooses %q, which needs the rights of applications.isolated: set that to true; if only some namespaces are isolated, install another release for them" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (has "spark-submit-job" $chosen) (not (hasKey $values.submitters "sparkSubmitJob")) -}}
{{- $problems = append $problems "submitters chooses \"spark-submit-job\", which needs submitters.sparkSubmitJob: set that, to {} for the image of the workers" -}}
{{- end -}}
{{- if and $values.clusters.secretName (not $values.clusters.configuration) -}}
{{- $problems = append $problems "clusters.secretName is set, but no clusters.configuration uses its kubeconfigs: set that, too, or remove secretName" -}}
{{- end -}}
{{- range ($values.clusters.configuration.clusters | default list) -}}
{{- if and .kubeconfig (not $values.clusters.secretName) -}}
{{- $problems = append $problems (printf "clusters.configuration: cluster %q uses the kubeconfig %q, but clusters.secretName is not set: set it to the Secret with that kubeconfig" .name .kubeconfig) -}}
{{- end -}}
{{- end -}}
{{- with $values.logArchive -}}
{{- if and .volume.claimName .s3.bucket -}}
{{- $problems = append $problems "logArchive has a volume and a bucket, but logs are kept in one place: remove volume.claimName or s3.bucket" -}}
{{- end -}}
{{- if and (not .s3.bucket) (or .s3.prefix .s3.endpoint .s3.region .s3.secretName) -}}
{{- $problems = append $problems "logArchive.s3 has no bucket, so its other values have no effect: set bucket, or remove them" -}}
{{- end -}}
{{- end -}}
{{- if and $values.metrics.serviceMonitor.enabled (not $values.metrics.enabled) -}}
{{- $problems = append $problems "metrics.serviceMonitor.enabled is true, but metrics.enabled is false: set both to the same value" -}}
{{- end -}}
{{- if and $values.metrics.prometheusRule.enabled (not $values.metrics.enabled) -}}
{{- $problems = append $problems "metrics.prometheusRule.enabled is true, but metrics.enabled is false: set both to the same value" -}}
{{- end -}}
{{- range $key, $value := $values.controllerPool.labels -}}
{{- if not (regexMatch "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$" $value) -}}
{{- $problems = append $problems (printf "controllerPool.labels: %s=%q is not a valid label: see kubectl get nodes --show-labels" $key $value) -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "these values are not valid:\n- %s" (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}
