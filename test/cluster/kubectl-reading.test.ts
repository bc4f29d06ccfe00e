import { beforeAll, describe, expect, it } from 'vitest';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';
import { isRejected, readManifestText } from '../unit/validation/kubectl/read-manifest-text.ts';
import { readWithKubectl } from '../unit/validation/kubectl/read-with-kubectl.ts';
import { keyOfTwoTypes, texts } from '../unit/validation/kubectl/texts.ts';

let kubectl: string;

beforeAll(async () => {
  [kubectl] = (await ensureTools([tools.kubectl])) as [string];
});

describe('a text is read as the kubectl of the lab reads it:', () => {
  it.each(Object.entries(texts))('%s', (_, text) => {
    const reading = readWithKubectl(kubectl, text);
    expect(readManifestText(text)).toEqual({ documents: reading.documents, isRejected: isRejected(reading) });
  });
});

it('takes the last value of a key of two types, of which kubectl takes either', () => {
  const valueIn = (documents: readonly unknown[]) => (documents as { spec: { 1: string } }[])[0]!.spec[1];
  expect(['a', 'b']).toContain(valueIn(readWithKubectl(kubectl, keyOfTwoTypes).documents));
  expect(valueIn(readManifestText(keyOfTwoTypes).documents)).toBe('b');
});
