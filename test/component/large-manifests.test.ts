import { afterEach, describe, expect, it } from 'vitest';
import { ManifestError, parseSparkApplication, type SparkApplicationManifest } from '../../src/manifest/index.ts';
import { UpdateEffect } from '../../src/protocol/index.ts';
import { application, runningApplication, startApplication, statusOf } from '../support/stepped-application.ts';
import { completes, updates, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow | undefined;
afterEach(async () => {
  await workflow?.dispose();
  workflow = undefined;
});

/** With a note of that many bytes. */
function large(bytes: number, fields: Partial<SparkApplicationManifest['spec']> = {}): SparkApplicationManifest {
  const manifest = application(fields);
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { note: 'x'.repeat(bytes) } } };
}

const pendingBytes = () => JSON.stringify(workflow!.pending('checkManifestUpdate').input).length;

describe('a new manifest', () => {
  it('is refused where it and the one that runs exceed the input of an activity', async () => {
    workflow = await runningApplication(large(1_100_000));
    const answer = await workflow.request('updateManifest', large(1_100_000, { arguments: ['3'] }));
    expect(answer).toMatchObject({ state: 'rejected', error: { type: 'RequestRefused' } });
    expect(answer.error!.message).toMatch(
      /^cannot update the manifest of default\/stepped: the running manifest takes 1,10\d,\d{3} bytes as JSON and the new one 1,10\d,\d{3} bytes; the limit for both together is 2,000,000 bytes; keep large data/,
    );
    expect(workflow.isPending('checkManifestUpdate')).toBe(false);
    expect(await statusOf(workflow)).toMatchObject({ state: 'RUNNING' });
  });

  it('is checked where both are large and just fit', async () => {
    workflow = await runningApplication(large(990_000));
    expect(await workflow.request('updateManifest', large(990_000, { arguments: ['3'] }))).toMatchObject({
      state: 'accepted',
    });
    expect(pendingBytes()).toBeLessThan(2 * 1024 * 1024);
  });

  it('is refused where the one that was sent before it has taken effect by then', async () => {
    workflow = await runningApplication();
    const [first, second] = [large(1_100_000), large(1_200_000)].map((each) => updates('updateManifest', each));
    await workflow.task(first!, second!);
    const manifest = parseSparkApplication(large(1_100_000));
    await workflow.task(completes('checkManifestUpdate', { manifest, effect: UpdateEffect.InPlace }));
    expect(first!.answer).toMatchObject({ state: 'completed' });
    expect(second!.answer).toMatchObject({ state: 'rejected', error: { type: 'RequestRefused' } });
    expect(workflow.isPending('checkManifestUpdate')).toBe(false);
  });
});

describe('a manifest of nearly 2 MiB', () => {
  const message = /takes 1,90\d,\d{3} bytes as JSON; the limit is 1,800,000 bytes/;

  it('is refused by the client', () => {
    expect(() => parseSparkApplication(large(1_900_000))).toThrow(ManifestError);
    expect(() => parseSparkApplication(large(1_900_000))).toThrow(message);
  });

  it('fails the workflow before anything is submitted', async () => {
    workflow = await startApplication(large(1_900_000));
    expect(workflow.end).toMatchObject({
      ...{ kind: 'failed', error: { type: 'InvalidManifest', message: expect.stringMatching(message) as string } },
    });
  });
});
