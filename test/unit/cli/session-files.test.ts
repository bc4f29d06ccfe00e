import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { badConnects } from '../../support/bad-connects.ts';
import { sparkConnect } from '../../support/connects.ts';
import { inProcess } from '../../support/in-process-cli.ts';

const run = (command: string, ...args: Parameters<typeof sparkConnect>) =>
  inProcess([command, '-'], { stdin: stringify(sparkConnect(...args)) });

describe('the file of a SparkConnect', () => {
  it('is valid, and is rendered as the Service, the Ingress and the objects of its server', async () => {
    const annotations = { 'temporal-spark/address': 'sc://adhoc.example.org:80' };
    const validated = await run('validate', 'adhoc', { annotations });
    expect(validated).toMatchObject({ code: 0, stdout: '-: SparkConnect default/adhoc is valid\n' });
    const { code, stdout } = await run('render', 'adhoc', { annotations });
    const names = parseAllDocuments(stdout)
      .map((document) => document.toJS() as { kind: string; metadata: { name: string } })
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(code).toBe(0);
    expect(names.slice(0, 3)).toEqual(['Service adhoc-server', 'Ingress adhoc-server', 'Pod adhoc-server']);
  });

  it.each(badConnects)('with $spec $annotations $name has the problem of the admission policy', async (bad) => {
    const { name = 'adhoc', annotations = {}, spec = {}, message } = bad;
    const [, path, words] = /^(\S+?): (.*)$/.exec(message)!;
    for (const command of ['validate', 'render']) {
      const { code, stderr } = await run(command, name, { annotations, spec });
      expect(code).toBe(2);
      expect(stderr).toContain(`  ${path}  `);
      // The policy shows a value in other words.
      if (!words!.startsWith('must not be "') && !words!.startsWith('is not valid')) expect(stderr).toContain(words!);
    }
  });
});
