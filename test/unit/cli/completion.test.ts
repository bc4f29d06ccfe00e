import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { plainNames } from '../../../src/cli/commands/completion/live-names.ts';
import type { Temporal } from '../../../src/cli/temporal.ts';
import { inProcess } from '../../support/in-process-cli.ts';
import { root } from '../../support/build.ts';

const values = async (...words: string[]): Promise<string[]> =>
  (await inProcess(['complete', '--', ...words])).stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t', 1)[0]!);

describe('completion', () => {
  it('offers commands, commands of a group, flags, and values of flags and arguments', async () => {
    expect(await values('re')).toEqual(expect.arrayContaining(['retry', 'resume', 'restart', 'render', 'release']));
    expect(await values('pipeline', 're')).toEqual(['resume', 'rerun']);
    expect(await values('kill', '--grace')).toEqual(['--grace-period']);
    expect(await values('list', '-o', '')).toEqual(['table', 'wide', 'name', 'yaml', 'json']);
    expect(await values('list', '--limit', '5', 'pi')).toEqual(['pipelines']);
  });

  it('offers no hidden command, and nothing where Temporal does not answer or a file is expected', async () => {
    expect(await values('dele')).toEqual([]);
    expect(await values('comple')).toEqual(['completion']);
    expect(await values('kill', '--address', '127.0.0.1:1', '')).toEqual([]);
    expect(await values('run', '')).toEqual([]);
  });

  it('offers names within a second, none of which a shell would execute', async () => {
    let waitedMs = Infinity;
    const executions = ['spark/etl/pi', '$(touch pwned)', 'a;b', 'a\nb', '`b`'].map((workflowId) => ({
      workflowId,
      state: 'A\nB',
    }));
    const temporal = {
      spark: { list: () => Promise.resolve({ executions }) },
      client: {
        withDeadline(deadline: number, read: () => Promise<unknown>) {
          waitedMs = deadline - Date.now();
          return read();
        },
      },
    } as unknown as Temporal;
    expect(await plainNames(temporal, 'pipeline')).toEqual([{ value: 'etl/pi', description: 'A B' }]);
    expect(waitedMs).toBeLessThanOrEqual(1_000);
  });

  it('works in bash', async () => {
    const main = join(root, 'src/cli/main.ts');
    const script = `
      temporal-spark() { ${JSON.stringify(process.execPath)} ${JSON.stringify(main)} "$@"; }
      eval "$(temporal-spark completion bash)"
      COMP_WORDS=(temporal-spark pipeline re) COMP_CWORD=2
      _temporal_spark
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await execa('bash', ['-c', script], { env: { HOME: '/nonexistent' } });
    expect(stdout.split('\n')).toEqual(['resume', 'rerun']);
  });

  it.each(['bash', 'zsh', 'fish'])('has a script for %s that asks the command itself', async (shell) => {
    expect((await inProcess(['completion', shell])).stdout).toContain('temporal-spark complete -- ');
  });
});
