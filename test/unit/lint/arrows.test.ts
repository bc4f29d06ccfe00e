import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintWithoutTypes } from '../../support/eslint.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ARROWS = 'boundaries/dependencies';
const eslint = lintWithoutTypes();

/** Rules that a file of that text, in place of the real one, would break; only those about what it imports or uses. */
async function broken(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, file) });
  const fatal = result!.messages.find(({ fatal }) => fatal);
  if (fatal !== undefined) throw new Error(fatal.message);
  const about = [ARROWS, '@typescript-eslint/no-restricted-imports', 'no-restricted-globals', 'no-restricted-syntax'];
  return result!.messages.flatMap(({ ruleId }) => (ruleId !== null && about.includes(ruleId) ? [ruleId] : []));
}

describe('the linter holds the arrows between the rooms', () => {
  it.each([
    [
      'a workflow that imports an activity as a value',
      'src/workflows/index.ts',
      "export { createSparkActivities } from '../activities/index.ts';",
    ],
    [
      'a workflow that imports a type of an activity',
      'src/workflows/index.ts',
      "export type { WaitInput } from '../activities/index.ts';",
    ],
    [
      'an activity that imports a type of a workflow',
      'src/activities/index.ts',
      "export type { Ledger } from '../workflows/application/ledger.ts';",
    ],
    [
      'an activity that imports a workflow as a value',
      'src/activities/index.ts',
      "export { sparkApplication } from '../workflows/index.ts';",
    ],
    [
      'a protocol that imports a type of a workflow',
      'src/protocol/index.ts',
      "export type { Ledger } from '../workflows/application/ledger.ts';",
    ],
    [
      'a protocol that imports a type of an activity',
      'src/protocol/index.ts',
      "export type { SparkActivitiesOptions } from '../activities/index.ts';",
    ],
    [
      'a protocol that imports a manifest as a value',
      'src/protocol/index.ts',
      "export { parseManifest } from '../manifest/index.ts';",
    ],
    [
      'causes of failures that import an activity as a value',
      'src/failure-cause/index.ts',
      "export { createSparkActivities } from '../activities/index.ts';",
    ],
    [
      'a client that imports a type of a workflow',
      'src/client/index.ts',
      "export type { Ledger } from '../workflows/application/ledger.ts';",
    ],
    [
      'a workflow that imports the Kubernetes client',
      'src/workflows/index.ts',
      "export { connectKubernetes } from '../kubernetes/index.ts';",
    ],
    [
      'a command that runs workflow code',
      'src/cli/main.ts',
      "export { sparkApplication } from '../workflows/index.ts';",
    ],
    [
      'validation that knows of manifests',
      'src/validation/closest.ts',
      "export { parseManifest } from '../manifest/index.ts';",
    ],
    ['a manifest that knows of Spark', 'src/manifest/index.ts', "export { driverPodName } from '../spark/index.ts';"],
    [
      'Kubernetes that knows of activities',
      'src/kubernetes/index.ts',
      "export type { WaitInput } from '../activities/index.ts';",
    ],
    [
      'a client that reaches into activities',
      'src/client/index.ts',
      "export { createSparkActivities } from '../activities/index.ts';",
    ],
    [
      'the translation that talks to Kubernetes',
      'src/spark/index.ts',
      "export { connectKubernetes } from '../kubernetes/index.ts';",
    ],
    [
      'placement that talks to Kubernetes',
      'src/placement/index.ts',
      "export { connectKubernetes } from '../kubernetes/index.ts';",
    ],
    [
      'placement that calls the translation',
      'src/placement/index.ts',
      "export { podRequests } from '../spark/index.ts';",
    ],
    [
      'clusters that know of submitters',
      'src/clusters/index.ts',
      "export { Submitters } from '../submitters/index.ts';",
    ],
    [
      'defaults that talk to Kubernetes',
      'src/defaults/index.ts',
      "export { connectKubernetes } from '../kubernetes/index.ts';",
    ],
    [
      'a workflow that decides on defaults',
      'src/workflows/index.ts',
      "export { TeamDefaults } from '../defaults/index.ts';",
    ],
    [
      'tenancy that talks to Kubernetes',
      'src/tenancy/index.ts',
      "export type { KubernetesClient } from '../kubernetes/index.ts';",
    ],
    [
      'a submitter server that knows of workflows',
      'src/submitter-server/index.ts',
      "export { sparkApplication } from '../workflows/index.ts';",
    ],
    [
      'a submitter that knows of the server',
      'src/submitters/index.ts',
      "export { SUBMIT_PATH } from '../submitter-server/index.ts';",
    ],
    [
      'an operator that knows of activities',
      'src/operator/index.ts',
      "export { createSparkActivities } from '../activities/index.ts';",
    ],
    ['a mirror that knows of its operator', 'src/mirror/index.ts', "export { Operator } from '../operator/index.ts';"],
    [
      'a worker that knows of its entry point',
      'src/worker/health.ts',
      "export { runSparkWorker } from '../worker.ts';",
    ],
    [
      'an entry point that knows of workflows',
      'src/client.ts',
      "export { sparkApplication } from './workflows/index.ts';",
    ],
    [
      'a worker that imports a command',
      'src/worker/health.ts',
      "export { checkTemporal } from '../cli/commands/doctor/check-temporal.ts';",
    ],
    [
      'timings that know of workflows',
      'src/timings/index.ts',
      "export { DEFAULT_TASK_QUEUE } from '../protocol/index.ts';",
    ],
    ['a client that knows of timings', 'src/client/index.ts', "export { DEFAULT_TIMINGS } from '../timings/index.ts';"],
    [
      'logs that know of workers',
      'src/logs/index.ts',
      "export { loadWorkerConfiguration } from '../worker/configuration.ts';",
    ],
    ['the translation that knows of placement', 'src/spark/index.ts', "export { place } from '../placement/index.ts';"],
  ])('refuses %s', async (_, file, text) => {
    expect(await broken(file, text)).toEqual([ARROWS]);
  });

  it.each([
    ['src/workflows/index.ts', "export { statusQuery, type WaitInput } from '../protocol/index.ts';"],
    ['src/activities/index.ts', "export { askAdmissionSignal, type WaitInput } from '../protocol/index.ts';"],
    ['src/protocol/index.ts', "export type { SparkApplication } from '../manifest/index.ts';"],
    ['src/protocol/index.ts', "export type { CarriedTimings } from '../timings/index.ts';"],
    ['src/manifest/index.ts', "export { closest } from '../validation/closest.ts';"],
    ['src/spark/index.ts', "export type { SubmissionIdentity } from '../protocol/submission-identity.ts';"],
    ['src/workflows/index.ts', "export { attemptIdentity } from '../spark/attempt.ts';"],
    ['src/activities/index.ts', "export { connectKubernetes } from '../kubernetes/index.ts';"],
    ['src/cli/main.ts', "export { SparkClient } from '../client/index.ts';"],
    ['src/cli/main.ts', "export { connectKubernetes } from '../kubernetes/index.ts';"],
    ['src/activities/index.ts', "export { Clusters } from '../clusters/index.ts';"],
    ['src/clusters/index.ts', "export { Resources } from '../kubernetes/index.ts';"],
    ['src/kubernetes/index.ts', "export { present } from '../validation/present.ts';"],
    ['src/worker/plugin.ts', "export { createSparkActivities } from '../activities/index.ts';"],
    ['src/client.ts', "export { SparkClient } from './client/index.ts';"],
    ['src/operator/index.ts', "export { SparkClient } from '../client/index.ts';"],
    ['src/activities/index.ts', "export { writeStatus } from '../mirror/index.ts';"],
    ['src/submitter-server/index.ts', "export { NativeSubmitter } from '../submitters/index.ts';"],
    ['src/spark/index.ts', "export type { Pod } from '../kubernetes/objects.ts';"],
    ['src/activities/index.ts', "export { place } from '../placement/index.ts';"],
    ['src/activities/index.ts', "export { Tenancy } from '../tenancy/index.ts';"],
    ['src/placement/index.ts', "export type { SparkSubmission } from '../spark/index.ts';"],
    ['src/activities/index.ts', "export { DEFAULT_TIMINGS } from '../timings/index.ts';"],
    ['src/workflows/index.ts', "export { DEFAULT_TIMINGS } from '../timings/index.ts';"],
    ['src/worker/plugin.ts', "export { DEFAULT_TIMINGS } from '../timings/index.ts';"],
  ])('lets %s have %s', async (file, text) => {
    expect(await broken(file, text)).toEqual([]);
  });
});

describe('the linter guards the doors', () => {
  it.each([
    [
      'a Node builtin in workflow code',
      'src/workflows/index.ts',
      "export { readFileSync } from 'node:fs';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'the worker SDK in workflow code',
      'src/workflows/index.ts',
      "export { Worker } from '@temporalio/worker';",
      '@typescript-eslint/no-restricted-imports',
    ],
    ['process in workflow code', 'src/workflows/index.ts', 'export const id = process.pid;', 'no-restricted-globals'],
    [
      'a Node builtin in the translation',
      'src/spark/index.ts',
      "export { readFileSync } from 'node:fs';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a Node builtin in the protocol',
      'src/protocol/index.ts',
      "export { readFileSync } from 'node:fs';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a Node builtin in placement',
      'src/placement/index.ts',
      "export { readFileSync } from 'node:fs';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a Node builtin in the timings',
      'src/timings/index.ts',
      "export { readFileSync } from 'node:fs';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a second caller of the activity that removes the finalizer',
      'src/workflows/application/application.ts',
      "export const { finalizeSparkApplication } = proxyActivities<SparkActivities>({ startToCloseTimeout: '1s' });",
      'no-restricted-syntax',
    ],
    [
      'the official Kubernetes client outside its room',
      'src/activities/index.ts',
      "export { KubeConfig } from '@kubernetes/client-node';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a lab that imports a value of the package',
      'lab/components/temporal.ts',
      "export { SearchAttribute } from '../../src/protocol/index.ts';",
      '@typescript-eslint/no-restricted-imports',
    ],
    [
      'a lab that imports a script',
      'lab/main.ts',
      "export { run } from '../scripts/demo.ts';",
      '@typescript-eslint/no-restricted-imports',
    ],
  ])('refuses %s', async (_, file, text, rule) => {
    expect([...new Set(await broken(file, text))]).toEqual([rule]);
  });

  it('lets the lab have types of the package', async () => {
    expect(await broken('lab/simulated.ts', "export type { Node } from '../src/kubernetes/objects.ts';")).toEqual([]);
  });

  it('lets the Kubernetes room have the official client', async () => {
    expect(await broken('src/kubernetes/index.ts', "export { KubeConfig } from '@kubernetes/client-node';")).toEqual(
      [],
    );
  });
});
