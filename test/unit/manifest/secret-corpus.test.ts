import { expect, it } from 'vitest';
import { findLiteralSecrets } from '../../../src/manifest/literal-secrets.ts';
import { harmless } from './secret-corpus/harmless.ts';
import { secrets } from './secret-corpus/secret.ts';

const corpus = [
  ...secrets.map((spec) => ({ spec, isSecret: true })),
  ...harmless.map((spec) => ({ spec, isSecret: false })),
];

it('literal secrets are found with precision and recall above 0.95 on the labelled corpus', () => {
  const judged = corpus.map(({ spec, isSecret }) => ({ spec, isSecret, isFound: findLiteralSecrets(spec).length > 0 }));
  const count = (isSecret: boolean, isFound: boolean): number =>
    judged.filter((each) => each.isSecret === isSecret && each.isFound === isFound).length;
  const [found, missed, mistaken] = [count(true, true), count(true, false), count(false, true)];
  const precision = found / (found + mistaken);
  const recall = found / (found + missed);
  console.log(
    `${corpus.length} values, ${found + missed} secrets: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
  );
  expect(new Set(corpus.map(({ spec }) => JSON.stringify(spec))).size).toBe(corpus.length);
  expect(corpus.length).toBeGreaterThanOrEqual(300);
  expect({ precision: precision > 0.95, recall: recall > 0.95 }).toEqual({ precision: true, recall: true });
});
