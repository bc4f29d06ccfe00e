import type { Service } from '../../kubernetes/objects.ts';
import { CONNECT_NAME_LABEL, CONNECT_PORT, serviceName, type SparkConnect } from '../../manifest/index.ts';

/** The operator's ports. */
const ports = [
  { name: 'driver-rpc', port: 7078, appProtocol: 'tcp' },
  { name: 'blockmanager', port: 7079, appProtocol: 'tcp' },
  { name: 'web-ui', port: 4040, appProtocol: 'http' },
  { name: 'spark-connect-server', port: CONNECT_PORT, appProtocol: 'grpc' },
].map(({ port, ...rest }) => ({ ...rest, port, targetPort: port, protocol: 'TCP' }));

/** The Service of a session: it stays while servers come and go. Pure. */
export function connectService(connect: SparkConnect): Service {
  const { metadata, spec } = connect;
  const { name, namespace } = metadata;
  const { metadata: written = {}, spec: own = {} } = spec.server.service ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName({ ...connect }),
      namespace,
      labels: { ...(written['labels'] as object | undefined), ...labelsOf(name) },
      annotations: { ...(written['annotations'] as object | undefined) },
    },
    spec: { ...own, ports, selector: { [CONNECT_NAME_LABEL]: name, 'spark-role': 'driver' } },
  };
}

/** Those of the objects of a session. */
export const labelsOf = (name: string): Record<string, string> => ({
  ...{ 'sparkoperator.k8s.io/created-by-spark-operator': 'true', [CONNECT_NAME_LABEL]: name },
});
