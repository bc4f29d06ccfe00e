import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../../src/cli/commands/list/execution-details.ts';
import { listTable } from '../../../src/cli/commands/list/list-table.ts';
import type { ListedExecution, SparkClient } from '../../../src/client/index.ts';

const listed = (workflowId: string, fields: object = {}): ListedExecution => ({
  ...{ workflowId, runId: 'run', state: 'RUNNING', namespace: 'etl', workflowStatus: 'RUNNING' },
  ...{ startTime: new Date('2026-01-01T00:00:00Z'), ...fields },
});
const NOW = Date.parse('2026-01-01T00:01:00Z');

describe('the table of a list', () => {
  it('has the name that commands take, once', () => {
    const executions = [
      listed('spark/etl/pi'),
      listed('pipeline/etl/weekly/monday/load', { application: 'weekly-load-1' }),
      listed('of-its-own'),
    ];
    const lines = listTable({ executions, isWide: false, details: undefined, now: NOW }).split('\n');
    expect(lines).toEqual([
      'STATE    NAMESPACE  NAME                AGE  TOOK',
      'RUNNING  etl        pi                  1m   1m',
      'RUNNING  etl        weekly/monday/load  1m   1m',
      'RUNNING  etl        of-its-own          1m   1m',
    ]);
  });
});

describe('the details of a wide list', () => {
  const many = Array.from({ length: 100 }, (_, index) => listed(`spark/etl/a${index}`));

  it('are read from 16 applications at once', async () => {
    let [now, most] = [0, 0];
    const describe = async (workflowId: string) => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now -= 1;
      return { runId: 'run', status: { attempts: Number(workflowId.replace('spark/etl/a', '')) } };
    };
    const details = await detailsOf({ describe } as unknown as SparkClient, many);
    expect(details.map(({ attempts }) => attempts)).toEqual(many.map((_, index) => index));
    expect(most).toBe(16);
  });

  it('end where the time ends', async () => {
    let asked = 0;
    const describe = async () => ({ runId: 'run', status: { attempts: ++asked } });
    const details = await detailsOf({ describe } as unknown as SparkClient, many, { budgetMs: 0 });
    expect([details, asked]).toEqual([[], 0]);
  });
});
