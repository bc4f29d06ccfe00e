import { expect, it } from 'vitest';
import { application, problemsOf, schedule } from './manifests.ts';

const argumentsOf = (bytes: number): string[] => ['x'.repeat(bytes)];

it('rejects an application that is larger than the input of a workflow may be, with both sizes', () => {
  const [problem, ...others] = problemsOf(application({ arguments: argumentsOf(1_200_001) }));
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ code: 'too_big', pathText: '', allowed: 'at most 1,200,000 bytes' });
  expect(problem?.message).toMatch(/^is 1,200,\d{3} bytes as JSON, too large for the input of a workflow$/);
});

it('counts bytes, not characters', () => {
  expect(problemsOf(application({ arguments: ['\u20ac'.repeat(400_000)] }))).toMatchObject([{ code: 'too_big' }]);
  expect(problemsOf(application({ arguments: argumentsOf(1_100_000) }))).toEqual([]);
});

it('rejects a schedule with such an application', () => {
  const { spec } = application({ arguments: argumentsOf(1_200_001) });
  expect(problemsOf(schedule({ schedule: '@daily', template: spec }))).toMatchObject([{ code: 'too_big' }]);
});
