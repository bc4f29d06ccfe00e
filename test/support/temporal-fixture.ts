import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import {
  connectTemporal,
  startWorker,
  type RunningWorker,
  type TemporalEnvironment,
  type WorkerSetup,
} from './environment.ts';
import { noKubernetes } from './no-kubernetes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the server that all files of the suite `temporal` share. */
    temporalAddress: string;
  }
}

/** The shared Temporal server as a test file uses it: its own task queue, and its own namespace for manifests. */
export interface TemporalFixture {
  readonly env: TemporalEnvironment;
}

export interface TemporalOptions {
  /** Runs one worker for all tests of the file. @default none */
  readonly worker?: WorkerSetup;
}

/** Connects before the tests of the file and disconnects after them. Kubernetes calls of its workers fail. */
export function useTemporal(prefix: string, { worker: setup }: TemporalOptions = {}): TemporalFixture {
  let env: TemporalEnvironment | undefined;
  let worker: RunningWorker | undefined;
  beforeAll(async () => {
    env = await connectTemporal({
      temporalAddress: inject('temporalAddress'),
      kubernetes: noKubernetes(),
      namespace: `${prefix}-${randomUUID().slice(0, 8)}`,
    });
    if (setup !== undefined) worker = await startWorker(env, setup);
  });
  afterAll(async () => {
    await worker?.stop();
    await env?.close();
  });
  return {
    get env() {
      return env!;
    },
  };
}
