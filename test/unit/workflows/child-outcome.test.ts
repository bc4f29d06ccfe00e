import { expect, test } from 'vitest';
import type { PipelineStage } from '../../../src/manifest/index.ts';
import { tryOutcome } from '../../../src/workflows/pipeline/child-outcome.ts';

const stage = { name: 'a', application: {}, outputs: { text: 'string' } } as unknown as PipelineStage;
const ofMessage = (message: string) => tryOutcome(stage, { status: 'completed', result: { message } });

test('outputs that the kubelet cut are too large, whatever their characters', () => {
  const whole = Buffer.from(JSON.stringify({ text: '€'.repeat(2000) }));
  for (const cut of [4096, 4095, 4094]) {
    // What is cut may end within a character; the kubelet keeps a limited number of bytes.
    expect(ofMessage(whole.subarray(0, cut).toString())).toMatchObject({ reason: 'OutputTooLarge' });
  }
});

test('outputs that are not JSON are unreadable', () => {
  expect(ofMessage('{"text": "€')).toMatchObject({ reason: 'UnreadableOutput' });
});

test('a stage whose driver failed has the cause of that as its message', () => {
  const detail = { reason: 'Error', failure: { cause: "KeyError: '2026-11-30'", frames: [] } };
  const message = 'Spark application default/etl-load failed: …';
  const failed = { status: 'failed' as const, reason: 'SparkApplicationFailed', message, detail };
  expect(tryOutcome(stage, failed)).toEqual({ status: 'failed', reason: 'Error', message: "KeyError: '2026-11-30'" });
  // Of a version before this one.
  const { failure: _none, ...before } = detail;
  expect(tryOutcome(stage, { ...failed, detail: before })).toMatchObject({ reason: 'Error', message });
});

test('a workflow that fails as an application does, with another detail, has its own reason and message', () => {
  const failed = { status: 'failed' as const, reason: 'SparkApplicationFailed', message: 'as I say' };
  for (const detail of [null, 'text', { reason: { a: 1 }, failure: { cause: 7 } }, { failure: null }]) {
    const { reason, message } = failed;
    expect(tryOutcome(stage, { ...failed, detail })).toEqual({ status: 'failed', reason, message });
  }
});
