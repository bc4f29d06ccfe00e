import { expect, it } from 'vitest';
import { describeStageReason, StageReason } from '../../../src/protocol/index.ts';

it.each([
  ['the first line of its message', { reason: 'Error', message: "KeyError: 'day'\r\n  more" }, "KeyError: 'day'"],
  ['a reason that the message does not name', { reason: 'OOMKilled', message: 'too large' }, 'too large (OOMKilled)'],
  ['no reason that the message names', { reason: 'Lost', message: 'Lost, no node' }, 'Lost, no node'],
  ['words for a reason of the pipeline', { reason: StageReason.PipelineStopped }, 'the pipeline was stopped before'],
  ['a reason without words as it is', { reason: 'constructor' }, 'constructor'],
  ['nothing where nothing is known', {}, ''],
])('a stage is described by %s', (_, stage, text) => {
  expect(describeStageReason(stage)).toBe(text);
});
