{{/* How a pod of the workers reaches Temporal and the clusters, and on which nodes it runs. */}}

{{- define "temporal-spark.connectionEnv" -}}
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
- name: TEMPORAL_SPARK_TASK_QUEUE
  value: {{ .Values.temporal.taskQueue | quote }}
{{- if .Values.temporal.tls.enabled }}
- name: TEMPORAL_TLS
  value: 'true'
{{- with .Values.temporal.tls.serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ . | quote }}
{{- end }}
{{- if .Values.temporal.tls.ca }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/temporal-tls/ca.crt
{{- end }}
{{- if .Values.temporal.tls.clientCertificate }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/temporal-tls/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/temporal-tls/tls.key
{{- end }}
{{- end }}
{{- with .Values.temporal.apiKey }}
{{- if .secretName }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .secretName }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- if .Values.placement }}
- name: TEMPORAL_SPARK_PLACEMENT_FILE
  value: /etc/temporal-spark/placement.yaml
{{- end }}
{{- if .Values.clusters.configuration }}
- name: TEMPORAL_SPARK_CLUSTERS_FILE
  value: /etc/temporal-spark-clusters/clusters.yaml
{{- end }}
{{- end -}}

{{- define "temporal-spark.connectionMounts" -}}
{{- if .Values.temporal.tls.secretName }}
- name: temporal-tls
  mountPath: /etc/temporal-tls
  readOnly: true
{{- end }}
{{- if .Values.placement }}
- name: placement
  mountPath: /etc/temporal-spark
  readOnly: true
{{- end }}
{{- if .Values.clusters.configuration }}
- name: clusters
  mountPath: /etc/temporal-spark-clusters
  readOnly: true
{{- end }}
{{- end -}}

{{- define "temporal-spark.connectionVolumes" -}}
{{- with .Values.temporal.tls.secretName }}
- name: temporal-tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- if .Values.placement }}
- name: placement
  configMap:
    name: {{ include "temporal-spark.name" $ }}-placement
{{- end }}
{{- if .Values.clusters.configuration }}
- name: clusters
  projected:
    sources:
      - configMap:
          name: {{ include "temporal-spark.name" $ }}-clusters
      {{- with .Values.clusters.secretName }}
      - secret:
          name: {{ . }}
      {{- end }}
{{- end }}
{{- end -}}

{{- define "temporal-spark.nodeAffinity" -}}
requiredDuringSchedulingIgnoredDuringExecution:
  nodeSelectorTerms:
    - matchExpressions:
        {{- if .Values.controllerPool.labels }}
        {{- range $key, $value := .Values.controllerPool.labels }}
        - { key: {{ $key }}, operator: In, values: [{{ $value | quote }}] }
        {{- end }}
        {{- else }}
        # A node that has only etcd does not have it.
        - { key: node-role.kubernetes.io/control-plane, operator: Exists }
        {{- end }}
{{- end -}}

{{/* Arguments of doctor: one of the namespaces of the applications, and how workers submit. */}}
{{- define "temporal-spark.doctorFlags" -}}
{{- if not .Values.applications.clusterWide }} -n {{ first .Values.applications.namespaces }}{{ end -}}
{{- if .Values.applications.isolated }} --isolated {{ dig "isolated" "rights" "impersonation" .Values.submitters }}{{ end -}}
{{- if .Values.operator.enabled }} --operator{{ end -}}
{{- end -}}
