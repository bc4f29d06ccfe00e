/** Annotations of a SparkConnect: settings for which the operator has no fields. */
export const ConnectAnnotation = {
  /** Seconds without a query after which the server is stopped. Default: it runs until its resource is deleted. */
  IdleSeconds: 'temporal-spark/idle-seconds',
  /** RFC 3339 time of the last request for the session: a new value starts a server that was stopped. */
  RequestedAt: 'temporal-spark/requested-at',
  /** Address for clients outside the cluster; creates an Ingress for its host, or a route of the Gateway. Default: none. */
  Address: 'temporal-spark/address',
  /** Class of the Ingress. Default: the cluster's. */
  IngressClass: 'temporal-spark/ingress-class',
  /** Secret with the certificate of the Ingress. Default: the controller's. */
  TlsSecret: 'temporal-spark/tls-secret',
  /** `name` or `namespace/name` of a Gateway: a GRPCRoute of it instead of an Ingress. Default: none. */
  Gateway: 'temporal-spark/gateway',
} as const;

/** A number of seconds, as an annotation has it. */
export const idleSecondsPattern = /^[1-9][0-9]{0,7}$/;

/** Seconds after which an idle server is stopped; undefined where it is not, also for a value that is not valid. */
export function idleSecondsOf(annotations: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const text = annotations?.[ConnectAnnotation.IdleSeconds];
  return typeof text === 'string' && idleSecondsPattern.test(text) ? Number(text) : undefined;
}
