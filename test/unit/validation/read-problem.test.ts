import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readProblem } from '../../../src/validation/read-problem.ts';

function problemOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return readProblem(error);
  }
}

it('states why a file cannot be read, without the words of the system', () => {
  expect(problemOf('/no/such')).toBe('no such file');
  expect(problemOf('/')).toBe('it is a directory');
  expect(problemOf('/etc/passwd/x')).toBe('part of the path is not a directory');
});

it('keeps a reason that it does not know', () => {
  expect(readProblem(new Error('disk on fire'))).toBe('disk on fire');
});
