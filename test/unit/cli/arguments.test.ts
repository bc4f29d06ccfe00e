import { describe, expect, it } from 'vitest';
import type { CliResult } from '../../support/cli.ts';
import { inProcess } from '../../support/in-process-cli.ts';

/** Exit code 2 and not 3: the arguments are rejected before the server is asked. */
function temporalSpark(...args: string[]): Promise<CliResult> {
  return inProcess(args, { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
}

describe('temporal-spark list', () => {
  it('reports what is wrong with the arguments', async () => {
    expect(await temporalSpark('list', '--state', 'SLEEPING')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--state SLEEPING is not a state of applications; known: NEW, QUEUED, /) as string,
    });
    expect(await temporalSpark('list', '--since', 'yesterday')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--since yesterday is neither a duration nor a time') as string,
    });
    expect(await temporalSpark('list', 'schedules')).toMatchObject({ code: 2 });
  });
});

describe('temporal-spark setup', () => {
  it.each([
    ['--every-seconds', '1', 'at least 10'],
    ['--every-seconds', 'soon', 'whole number'],
    ['--grace-seconds', '-1', 'whole number'],
  ])('refuses %s %s', async (option, value, message) => {
    const { code, stderr } = await temporalSpark('setup', option, value);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('temporal-spark operator', () => {
  it.each(['etl,', 'etl, ml', ''])('rejects the namespaces "%s"', async (names) => {
    const { code, stderr } = await temporalSpark('operator', '--namespaces', names);
    expect(code).toBe(2);
    expect(stderr).toContain('It must be names separated by commas, for example etl,ml.');
  });

  it('rejects namespaces that are given both by name and by label', async () => {
    const { code, stderr } = await temporalSpark('operator', '--namespaces', 'etl', '--namespace-selector', 'team=etl');
    expect(code).toBe(2);
    expect(stderr).toContain("'--namespaces <names>' cannot be used with option '--namespace-selector <selector>'");
  });
});
