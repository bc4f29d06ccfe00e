import { expect, it } from 'vitest';
import { application, problemsOf, schedule } from './manifests.ts';

const argumentsOf = (bytes: number): string[] => ['x'.repeat(bytes)];
const tooLarge = { code: 'too_large', message: expect.stringContaining('the limit is 1,800,000 bytes') as string };

it('rejects an application that is larger than the input of a workflow may be', () => {
  expect(problemsOf(application({ arguments: argumentsOf(1_800_001) }))).toMatchObject([
    { ...tooLarge, pathText: 'spec' },
  ]);
});

it('counts bytes, not characters', () => {
  expect(problemsOf(application({ arguments: ['\u20ac'.repeat(600_001)] }))).toMatchObject([tooLarge]);
  expect(problemsOf(application({ arguments: argumentsOf(1_700_000) }))).toEqual([]);
});

it('rejects a schedule with such an application', () => {
  const { spec } = application({ arguments: argumentsOf(1_800_001) });
  const problems = problemsOf(schedule({ schedule: '@daily', template: spec }));
  expect(problems).toMatchObject([{ ...tooLarge, pathText: 'spec' }]);
});
