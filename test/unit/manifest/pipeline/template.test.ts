import { describe, expect, it } from 'vitest';
import { expressionsOf, isUnclosed, render, onlyExpression } from '../../../../src/manifest/pipeline/template.ts';

describe('the expressions of a text', () => {
  it.each([
    ['none', []],
    ['${{ a }}', ['a']],
    ['x ${{ a }} y ${{b}} z', ['a', 'b']],
    ['${{ {"a": {"b": 1}} }}', ['{"a": {"b": 1}}']],
    ['${{ {"a": {"b": 1}}}}', ['{"a": {"b": 1}}']],
    ['${{ "}}" + \'}}\' }}', ['"}}" + \'}}\'']],
    ['${{ "a\\"}}" }}', ['"a\\"}}"']],
    ['${{ size({}) }}-${{ {"a": 1}.a }}', ['size({})', '{"a": 1}.a']],
    ['${{ never closed', []],
    ['${{ a }} ${{ {"b": 1 }}', ['a']],
  ])('%s', (text, expected) => {
    expect(expressionsOf(text)).toEqual(expected);
  });

  it('are its value where it is nothing else', () => {
    expect(onlyExpression(' ${{ {"a": {"b": 1}} }} ')).toBe('{"a": {"b": 1}}');
    expect(onlyExpression('${{ a }}${{ b }}')).toBeUndefined();
    expect(onlyExpression('x${{ a }}')).toBeUndefined();
  });

  it('are to be closed', () => {
    for (const text of ['${{ a', '${{ a }} ${{ b', '${{ "}} ', '${{ {"a": 1 }}']) expect(isUnclosed(text)).toBe(true);
    for (const text of ['${{ a }}', 'a }} b', '$ { {']) expect(isUnclosed(text)).toBe(false);
  });

  it('become text within other text, whatever it holds', () => {
    const evaluate = (expression: string) => (expression === 'm' ? { a: 1 } : '$& $1');
    expect(render('<${{ m }}> <${{ other }}>', evaluate)).toBe('<{"a":1}> <$& $1>');
  });
});
