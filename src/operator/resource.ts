import { createHash } from 'node:crypto';
import type { CustomObject } from '../kubernetes/index.ts';
import { API_VERSION, type SparkApplicationManifest } from '../manifest/index.ts';
import { ApplicationState, type ResourceReference } from '../protocol/index.ts';
import { canonicalJson } from '../validation/canonical-json.ts';
import { present } from '../validation/present.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';

/** A SparkApplication as the API server has it. */
export interface SparkApplicationResource {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** It is being deleted, and its driver with it; undefined also where its driver is to stay. */
  readonly deletion?: 'with-driver' | 'orphan';
  /** Of its status; undefined before there is one. */
  readonly state?: string;
  /** Of its status. */
  readonly submissionId?: string;
  /** Of its status: when its last attempt began. */
  readonly submittedAt?: string;
  readonly object: CustomObject;
}

export const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** The inverse of `keyOf`. */
export function namesOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

/** Whether a status shows the end of a run: a cancelled one is FAILED there. */
export const isFinal = (state: string | undefined): boolean =>
  state === ApplicationState.Completed || state === ApplicationState.Failed;

export function readSparkApplication(object: CustomObject): SparkApplicationResource {
  const { namespace = '', name = '', uid = '', generation = 0, deletionTimestamp, finalizers } = object.metadata ?? {};
  const state = asText(asRecord(object.status?.['applicationState'])['state']);
  const deletion = finalizers?.includes('orphan') === true ? 'orphan' : 'with-driver';
  return {
    ...{ namespace, name, uid, generation, object },
    ...(deletionTimestamp === undefined ? {} : { deletion }),
    ...present({
      state: state === '' ? undefined : state,
      submissionId: asText(object.status?.['submissionID']),
      submittedAt: asText(object.status?.['lastSubmissionAttemptTime']),
    }),
  };
}

/** What its workflow runs. The API server's own metadata is left out. */
export function manifestOf({ object }: SparkApplicationResource): SparkApplicationManifest {
  const { namespace, name, labels, annotations } = object.metadata ?? {};
  const metadata = present({ namespace, name, labels, annotations });
  // The workflow checks it.
  const spec = object.spec as unknown as SparkApplicationManifest['spec'];
  return { apiVersion: API_VERSION, kind: 'SparkApplication', metadata, spec };
}

/** What its workflow takes of it. */
export function referenceTo({ uid, generation, object }: SparkApplicationResource): ResourceReference {
  // As with the operator, these two need no other driver.
  const { suspend: _suspend, timeToLiveSeconds: _ttl, ...spec } = object.spec ?? {};
  const digest = createHash('sha256').update(canonicalJson(spec)).digest('hex').slice(0, 16);
  return { uid, generation, digest };
}

/** The longest that a timer of Node can be set for. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds until a resource that has ended is to be deleted, or to be asked again; undefined where it is kept. */
export function expiresInMs({ state, object }: SparkApplicationResource, now: number): number | undefined {
  const seconds = object.spec?.['timeToLiveSeconds'];
  const ended = asText(object.status?.['terminationTime']);
  if (!isFinal(state) || typeof seconds !== 'number' || ended === undefined) return undefined;
  const dueInMs = Date.parse(ended) + seconds * 1000 - now;
  // A time that cannot be read must not delete anything.
  return Number.isNaN(dueInMs) ? undefined : Math.min(LONGEST_MS, Math.max(0, dueInMs));
}
