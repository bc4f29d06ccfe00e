import { describe, expect, expectTypeOf, it } from 'vitest';
import { present } from '../../../src/validation/present.ts';

interface Options {
  readonly name: string;
  readonly limit?: number;
}

describe('present', () => {
  it('drops undefined values only, and keeps the order', () => {
    const result = present({ z: 0, a: undefined, empty: '', no: false, nothing: null, b: 'b' });
    expect(Object.entries(result)).toEqual([
      ['z', 0],
      ['empty', ''],
      ['no', false],
      ['nothing', null],
      ['b', 'b'],
    ]);
  });

  it('returns a new object', () => {
    const given = { a: 1 };
    expect(present(given)).toEqual(given);
    expect(present(given)).not.toBe(given);
  });

  it('makes properties that may be undefined optional', () => {
    const limit = undefined as number | undefined;
    const result = present({ name: 'pi', limit });
    expectTypeOf(result).toEqualTypeOf<{ name: string; limit?: number }>();
    expectTypeOf(result).toExtend<Options>();
    expectTypeOf({ name: 'pi', limit }).not.toExtend<Options>();
  });
});
