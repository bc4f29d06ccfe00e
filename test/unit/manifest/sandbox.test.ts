import { readFile } from 'node:fs/promises';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type * as manifestRoom from '../../../src/manifest/index.ts';
import { bundleOf } from '../../support/workflow-bundle.ts';
import { application, fullYaml } from './manifests.ts';

interface WorkflowGlobals {
  __TEMPORAL__: { importWorkflows(): typeof manifestRoom };
}

describe('the manifest room in a workflow sandbox', () => {
  it('is bundled without Node builtins and works where no code may be generated', async () => {
    const workflowsPath = new URL('../../../src/manifest/index.ts', import.meta.url).pathname;
    const { codePath } = await bundleOf(workflowsPath);
    const globals = createContext(
      { __webpack_module_cache__: {}, TextEncoder, TextDecoder, URL, AbortController },
      { codeGeneration: { strings: false, wasm: false } },
    );
    runInContext(await readFile(codePath, 'utf8'), globals);
    const room = (globals as unknown as WorkflowGlobals).__TEMPORAL__.importWorkflows();

    expect(room.parseManifests(fullYaml)).toMatchObject([{ metadata: { name: 'nightly-report' } }]);
    expect(() => room.parseManifest(application({ driver: { corez: 1 } }))).toThrow(
      'spec.driver.corez  is not a known field; did you mean "cores"?',
    );
  });
});
