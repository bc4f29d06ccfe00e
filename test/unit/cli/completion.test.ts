import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { plainNames } from '../../../src/cli/commands/completion/live-names.ts';
import { sessionNames } from '../../../src/cli/commands/completion/session-names.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import { present } from '../../../src/validation/present.ts';
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

  it('offers Spark Connect sessions as connect takes them, with their states', async () => {
    const session = (namespace: string, name: string, state?: string) => ({
      metadata: { namespace, name },
      ...(state === undefined ? {} : { status: { state } }),
    });
    const asked: (string | undefined)[] = [];
    const items = [session('default', 'adhoc', 'Ready'), session('etl', 'reports')];
    const kubernetes = {
      async page(_kind: unknown, namespace: string | undefined) {
        asked.push(namespace);
        return { items: items.filter(({ metadata }) => (namespace ?? metadata.namespace) === metadata.namespace) };
      },
    } as unknown as KubernetesClient;
    const names = async (namespace?: string) =>
      (await sessionNames(kubernetes, { limit: 5, ...present({ namespace }) })).map(
        ({ value, description }) => `${value} ${description}`,
      );
    expect(await names()).toEqual(['adhoc Ready', 'etl/reports new']);
    expect(await names('etl')).toEqual(['reports new']);
    expect(asked).toEqual([undefined, 'etl']);
  });

  it('offers the sessions of the namespace default to an account that may not list all', async () => {
    const kubernetes = {
      async page(_kind: unknown, namespace: string | undefined) {
        if (namespace === 'default') return { items: [{ metadata: { namespace, name: 'adhoc' } }] };
        throw new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'no' });
      },
    } as unknown as KubernetesClient;
    expect(await sessionNames(kubernetes, { limit: 5 })).toEqual([{ value: 'adhoc', description: 'new' }]);
    await expect(sessionNames(kubernetes, { namespace: 'etl', limit: 5 })).rejects.toThrow('no');
  });

  it('offers no session where no API server answers', async () => {
    expect(await values('connect', '--kube-context', 'nowhere', '')).toEqual([]);
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
