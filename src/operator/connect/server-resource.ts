import type { CustomObject } from '../../kubernetes/index.ts';
import { ConnectAnnotation, serverApplication, type SparkConnect } from '../../manifest/index.ts';
import { ApplicationState } from '../../protocol/index.ts';
import { canonicalJson } from '../../validation/canonical-json.ts';
import { present } from '../../validation/present.ts';
import { asRecord, asText } from '../../validation/unknown-data.ts';
import { readSparkApplication } from '../resource.ts';
import type { ConnectFacts } from './connect-status.ts';
import { ownerOf } from './ownership.ts';

/** The SparkApplication of the server of a new session. */
export function newServer(connect: SparkConnect, uid: string): CustomObject {
  const { metadata, ...application } = serverApplication({ ...connect }) as unknown as CustomObject;
  return {
    ...application,
    metadata: { ...metadata, ownerReferences: [ownerOf({ metadata: { name: connect.metadata.name, uid } })] },
  };
}

/**
 * What to change in the SparkApplication of a server, as a JSON patch; undefined where nothing is. It is suspended while
 * its session is idle, with the request that it had then: another request starts it.
 *
 * @param stop whether the session is idle
 */
export function serverPatch(connect: SparkConnect, server: CustomObject, stop = false): object[] | undefined {
  const { metadata, spec } = serverApplication({ ...connect }) as unknown as CustomObject;
  const requestedAt = connect.metadata.annotations[ConnectAnnotation.RequestedAt];
  const before = asRecord(server.metadata?.annotations)[ConnectAnnotation.RequestedAt];
  const isSuspended = server.spec?.['suspend'] === true;
  const suspend = stop || (isSuspended && requestedAt === before);
  const wanted = { ...spec, ...(suspend ? { suspend } : {}) };
  if (canonicalJson(wanted) === canonicalJson(server.spec)) return undefined;
  const noted = suspend && !stop ? before : requestedAt;
  const annotations = { ...metadata?.annotations, ...present({ [ConnectAnnotation.RequestedAt]: noted }) };
  return [
    // Replicas decide on what they see: a request in between counts.
    { op: 'test', path: '/metadata/resourceVersion', value: server.metadata?.resourceVersion },
    { op: 'add', path: '/metadata/labels', value: metadata?.labels },
    { op: 'add', path: '/metadata/annotations', value: annotations },
    { op: 'add', path: '/spec', value: wanted },
  ];
}

const STOPPED: readonly string[] = ['', ApplicationState.Suspending, ApplicationState.Suspended];

/** What the status of a session shows of its server. */
export function serverFacts(server: CustomObject): NonNullable<ConnectFacts['server']> {
  const { state = '' } = readSparkApplication(server);
  const errorMessage = asText(asRecord(server.status?.['applicationState'])['errorMessage']);
  const isStopped = server.spec?.['suspend'] === true && STOPPED.includes(state);
  return { state, isStopped, ...present({ errorMessage }) };
}
