import { beforeAll, describe, expect, it } from 'vitest';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools } from '../../lab/toolchain/tools.ts';
import { isRejected, readManifestText } from '../unit/validation/kubectl/read-manifest-text.ts';
import { readWithKubectl } from '../unit/validation/kubectl/read-with-kubectl.ts';
import { texts } from '../unit/validation/kubectl/texts.ts';

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
