import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/validation/yaml.ts';

describe('a map with a key twice', () => {
  it.each([
    ['a: 1\nb: 2\na: 3\n', [[3, 1]]],
    ['a:\n  - b: {c: 1, d: 2, c: 3}\n', [[2, 21]]],
    ['a: 1\n"a": 2\na: 3\n', [[2, 1], [3, 1]]], // prettier-ignore
    ['a: 1\n---\nb: 1\nb: 2\n', [[4, 1]]],
  ])('is rejected with the place of the repetition: %j', (text, places) => {
    const { problems } = readYaml(text);
    expect(problems.map(({ line, column }) => [line, column])).toEqual(places);
    expect(new Set(problems.map(({ message }) => message))).toEqual(new Set(['Map keys must be unique']));
  });

  it('may merge twice, and have keys of different types', () => {
    const text = 'a: &a {x: 1}\nb: &b {z: 2}\nc:\n  <<: *a\n  <<: *b\n1: one\n"1x": text\n';
    expect(readYaml(text)).toMatchObject({ documents: [{ value: { c: { x: 1, z: 2 } } }], problems: [] });
  });
});

it('rejects a document with more aliases than can be resolved in a short time', () => {
  const text = Array.from({ length: 2_000 }, (_, index) => `a${index}: &a${index} 1\nb${index}: *a${index}\n`).join('');
  expect(readYaml(text).problems).toMatchObject([{ message: 'has too many aliases (2000) for its size' }]);
});
