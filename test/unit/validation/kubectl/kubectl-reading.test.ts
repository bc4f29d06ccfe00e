import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../../../src/manifest/documents.ts';
import { isRejected, readManifestText } from './read-manifest-text.ts';
import recorded from './recorded.json' with { type: 'json' };
import type { KubectlReading } from './read-with-kubectl.ts';
import { texts } from './texts.ts';

const readings: Readonly<Record<string, KubectlReading>> = recorded.readings;

it('every text was recorded with kubectl', () => {
  expect(Object.keys(readings)).toEqual(Object.keys(texts));
});

describe('a text is read as kubectl reads it:', () => {
  it.each(Object.entries(texts))('%s', (name, text) => {
    const { documents } = readings[name]!;
    expect(readManifestText(text)).toEqual({ documents, isRejected: isRejected(readings[name]!) });
  });
});

describe('a key that is set more than once', () => {
  const text = 'kind: A\nspec:\n  a: 1\n  b: {c: 1, c: 2}\n  a: 3\n';

  it('has its last value, and is reported with both lines', () => {
    const { documents, problems, repeatedKeys } = readDocuments(text);
    expect(problems).toEqual([]);
    expect(documents[0]!.value).toEqual({ kind: 'A', spec: { a: 3, b: { c: 2 } } });
    expect(repeatedKeys).toMatchObject([
      { pathText: 'spec.b.c', line: 4, column: 13 },
      {
        pathText: 'spec.a',
        line: 5,
        column: 3,
        message: 'is set more than once: first in line 3, and the last value counts',
      },
    ]);
  });
});
