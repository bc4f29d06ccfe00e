import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ConfigurationError } from '../../../src/validation/configuration-error.ts';
import { ConfigurationFormat, findRepeatedNames } from '../../../src/validation/configuration-file.ts';
import type { ManifestProblem } from '../../../src/validation/problem.ts';

class BadMenu extends ConfigurationError {
  readonly type = 'BadMenu';

  constructor(problems: readonly ManifestProblem[]) {
    super('The menu', problems);
  }
}

const format = new ConfigurationFormat({
  name: 'menu',
  schema: z.strictObject({ dishes: z.array(z.strictObject({ name: z.string() })).exactOptional() }),
  findProblems: ({ dishes = [] }) => findRepeatedNames({ dishes }, 'dishes'),
  error: BadMenu,
});
const twice = { dishes: [{ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'a' }] };

describe('a configuration', () => {
  it('may be empty, YAML, JSON, or no file', () => {
    expect(format.read('')).toEqual({});
    expect(format.read('dishes: [{ name: a }]\n')).toEqual({ dishes: [{ name: 'a' }] });
    expect(format.read('{"dishes": []}')).toEqual({ dishes: [] });
    expect(format.parse({})).toEqual({});
  });

  it.each([
    ['a second document', 'dishes: []\n---\ndishes: []\n', 'm.yaml  is a second document; a menu is one'],
    ['a repeated key', 'dishes: []\ndishes: []\n', 'm.yaml:2:1  dishes  is set more than once'],
    ['an unknown field', 'dishes:\n  - name: a\n    price: 1\n', 'm.yaml:3:5  dishes[0].price'],
    ['a value that contains itself', 'dishes: &a [*a]\n', 'dishes[0]  contains itself'],
    ['repeated names', JSON.stringify(twice), 'm.yaml:1:46  dishes[2].name  is already the name of dishes[0]'],
  ])('is rejected with %s, with its place', (_, text, problem) => {
    const read = () => format.read(text, 'm.yaml');
    expect(read).toThrow(BadMenu);
    expect(read).toThrow(`The menu is not valid:\n`);
    expect(read).toThrow(problem);
  });

  it('is rejected with each repeated name, also without a file', () => {
    expect(() => format.parse(twice)).toThrow(
      'dishes[2].name  is already the name of dishes[0]\ndishes[3].name  is already the name of dishes[0]',
    );
  });
});
