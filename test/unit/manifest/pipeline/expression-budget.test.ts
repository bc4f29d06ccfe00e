import { describe, expect, it } from 'vitest';
import {
  evaluate,
  ExpressionError,
  ExpressionTypes,
  toExpressionValue,
} from '../../../../src/manifest/pipeline/expression.ts';

const range = Array.from({ length: 2_000 }, (_, index) => index);
const items = range.map((index) => `item${index}`);
const scope = { params: { items, text: 'x'.repeat(100_000) }, numbers: toExpressionValue(range, 'list<int>') };

describe('the budget of an expression', () => {
  it.each([
    ['searches a long text for each item', 'params.items.filter(i, params.text.contains(i + "y"))'],
    ['looks for each item in a list', 'params.items.filter(i, !(i in params.items))'],
    ['splits a long text for each item', 'params.items.filter(i, size(params.text.split("")) == 1)'],
    ['fails for each item', 'params.items.exists(i, i.missing == 1 || i.missing == 2)'],
    ['hides that it takes too long', 'params.items.exists(i, params.text.contains(i + "y")) || true'],
    ['reads a time zone for each item', 'numbers.filter(i, timestamp(i).getHours("Europe/Zurich") == i)'],
    ['copies everything for each item', 'params.items.map(i, params)'],
    ['doubles a text again and again', `cel.bind(a, params.text + params.text, ${doubled(12)})`],
  ])('rejects an expression that %s', (_, expression) => {
    expect(() => evaluate(expression, scope)).toThrow(ExpressionError);
    expect(() => evaluate(expression, scope)).toThrow(
      `the expression \`${expression}\` fails: it takes more than 250,000 steps`,
    );
  });

  it('suffices for ordinary work on thousands of items', () => {
    const long = 'params.items.filter(i, i.startsWith("item1") && size(i) > 4 && i != "item12").map(i, "s3a://b/" + i)';
    expect(evaluate(long, scope)).toHaveLength(1_110);
    expect(evaluate('params.text.contains("xyz") || "item7" in params.items', scope)).toBe(true);
  });

  it('is that of one evaluation', () => {
    const expression = 'size(params.items.filter(i, "item1999" in [i]))';
    for (let run = 0; run < 30; run++) expect(evaluate(expression, scope)).toBe(1);
  });

  it('does not hide what is wrong with an expression', () => {
    expect(() => evaluate('params.missing', scope)).toThrow('No such key: missing');
    expect(evaluate('params.items.exists(i, i == "item3" || i.missing)', scope)).toBe(true);
    expect(evaluate('type(1) == int && [1, {"a": 2.0}] == [1, {"a": 2.0}]', scope)).toBe(true);
  });
});

it('rejects an expression of more than 16,384 characters', () => {
  const expression = `"${'x'.repeat(16_383)}"`;
  expect(() => evaluate(expression, {})).toThrow('…` fails: it is longer than 16384 characters');
  expect(ExpressionTypes.of({}).check(expression)).toMatchObject({ problem: 'it is longer than 16384 characters' });
});

function doubled(times: number): string {
  return times === 0 ? 'size(a)' : `cel.bind(a, a + a, ${doubled(times - 1)})`;
}
