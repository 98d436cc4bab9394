{{/* Labels of every object. */}}
{{- define "throughline.labels" -}}
app.kubernetes.io/name: throughline
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Labels by which the server's pods are told. */}}
{{- define "throughline.server" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "throughline.agent" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: agent
{{- end }}

{{- define "throughline.serverImage" -}}
{{ .Values.server.image.repository }}:{{ .Values.server.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "throughline.agentImage" -}}
{{ .Values.agent.image.repository }}:{{ .Values.agent.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The server's pod, of StatefulSet and Deployment. */}}
{{- define "throughline.serverPod" -}}
metadata:
  labels:
    {{- include "throughline.labels" . | nindent 4 }}
    app.kubernetes.io/component: server
  {{- with .Values.server.apms }}
  annotations: {throughline.io/apms: {{ toJson . | sha256sum }}} # read at the start
  {{- end }}
spec:
  serviceAccountName: {{ .Values.serviceAccount.name }}
  automountServiceAccountToken: {{ .Values.kubernetes.enabled }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  terminationGracePeriodSeconds: 60
  containers:
    - name: server
      image: {{ include "throughline.serverImage" . }}
      imagePullPolicy: {{ .Values.server.image.pullPolicy }}
      args:
        - --store=$(THROUGHLINE_STORE)
        {{- if not .Values.server.persistence.enabled }}
        - --direct
        {{- end }}
        {{- if .Values.kubernetes.enabled }}
        - --kubernetes={{ with .Values.clusterName }}{{ . }}={{ end }}in-cluster
        {{- with .Values.kubernetes.labels }}
        - --kubernetes-labels={{ join "," . }}
        {{- end }}
        {{- with .Values.kubernetes.annotations }}
        - --kubernetes-annotations={{ join "," . }}
        {{- end }}
        {{- end }}
        {{- with .Values.server.retention }}
        - --retention={{ . }}
        {{- end }}
        {{- if .Values.server.tlsSecret }}
        - --tls-cert=/etc/throughline/tls/tls.crt
        - --tls-key=/etc/throughline/tls/tls.key
        {{- end }}
        {{- if .Values.server.apms }}
        - --apms=/etc/throughline/apms/apms.yaml
        {{- end }}
        {{- range .Values.server.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        - name: THROUGHLINE_STORE
          valueFrom: {secretKeyRef: {name: {{ required "server.store.existingSecret: a Secret with ClickHouse's URL" .Values.server.store.existingSecret }}, key: {{ .Values.server.store.key }}}}
        - name: THROUGHLINE_TOKEN
          valueFrom: {secretKeyRef: {name: {{ .Values.server.token.existingSecret }}, key: {{ .Values.server.token.key }}}}
      ports:
        - {name: agents, containerPort: 20033, protocol: TCP}
        - {name: http, containerPort: 20418, protocol: TCP}
      # It lives while its port is open, and is asked while it can store and read: a store that is away is no reason to
      # start the server again.
      livenessProbe:
        tcpSocket: {port: agents}
        periodSeconds: 10
        failureThreshold: 6
      startupProbe:
        tcpSocket: {port: agents}
        periodSeconds: 2
        failureThreshold: 60
      readinessProbe:
        httpGet: {path: /healthz, port: http{{ if .Values.server.tlsSecret }}, scheme: HTTPS{{ end }}}
        periodSeconds: 5
        timeoutSeconds: 5
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources:
        {{- toYaml .Values.server.resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /var/lib/throughline}
        {{- if .Values.server.tlsSecret }}
        - {name: tls, mountPath: /etc/throughline/tls, readOnly: true}
        {{- end }}
        {{- if .Values.server.apms }}
        - {name: apms, mountPath: /etc/throughline/apms, readOnly: true}
        {{- end }}
        {{- if .Values.server.apmSecret }}
        - {name: apm-secret, mountPath: /etc/throughline/apm-secret, readOnly: true}
        {{- end }}
  volumes:
    {{- if not .Values.server.persistence.enabled }}
    - {name: data, emptyDir: {}}
    {{- end }}
    {{- if .Values.server.tlsSecret }}
    - {name: tls, secret: {secretName: {{ .Values.server.tlsSecret }}}}
    {{- end }}
    {{- if .Values.server.apms }}
    - {name: apms, configMap: {name: throughline-apms}}
    {{- end }}
    {{- if .Values.server.apmSecret }}
    - {name: apm-secret, secret: {secretName: {{ .Values.server.apmSecret }}}}
    {{- end }}
  {{- with .Values.server.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.server.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.server.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
