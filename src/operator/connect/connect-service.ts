import type { Service } from '../../kubernetes/index.ts';
import {
  CONNECT_API_VERSION,
  CONNECT_NAME_LABEL,
  CONNECT_PORT,
  serviceName,
  type SparkConnect,
} from '../../manifest/index.ts';

/** The operator's ports. */
const ports = [
  { name: 'driver-rpc', port: 7078, appProtocol: 'tcp' },
  { name: 'blockmanager', port: 7079, appProtocol: 'tcp' },
  { name: 'web-ui', port: 4040, appProtocol: 'http' },
  { name: 'spark-connect-server', port: CONNECT_PORT, appProtocol: 'grpc' },
].map(({ port, ...rest }) => ({ ...rest, port, targetPort: port, protocol: 'TCP' }));

/** The Service of a session: it stays while servers come and go. Pure. */
export function connectService(connect: SparkConnect, uid: string): Service {
  const { metadata, spec } = connect;
  const { name, namespace } = metadata;
  const { metadata: written = {}, spec: own = {} } = spec.server.service ?? {};
  const labels = { 'sparkoperator.k8s.io/created-by-spark-operator': 'true', [CONNECT_NAME_LABEL]: name };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName({ ...connect }),
      namespace,
      labels: { ...(written['labels'] as object | undefined), ...labels },
      annotations: { ...(written['annotations'] as object | undefined) },
      ownerReferences: [ownerOf(connect, uid)],
    },
    spec: { ...own, ports, selector: { [CONNECT_NAME_LABEL]: name, 'spark-role': 'driver' } },
  };
}

/** As that of the runs of schedules: neither controller nor blockOwnerDeletion. */
export const ownerOf = (
  { metadata: { name } }: SparkConnect,
  uid: string,
): { apiVersion: string; kind: string; name: string; uid: string } => ({
  ...{ apiVersion: CONNECT_API_VERSION, kind: 'SparkConnect', name, uid },
});
