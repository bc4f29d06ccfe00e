import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseDefaults, TeamDefaults, withDefaults } from '../../../src/defaults/index.ts';
import { explanation } from '../../../src/cli/commands/render/explain.ts';
import { parseSparkApplication } from '../../../src/manifest/index.ts';
import { inProcess } from '../../support/in-process-cli.ts';
import { application } from '../manifest/manifests.ts';

const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-cli-defaults-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, stringify(content));
  return path;
}

const manifest = (spec: object = {}) =>
  application({ mainClass: 'Main', ...spec }, { name: 'pi', namespace: 'etl', labels: { team: 'data' } });
const bare = file('bare.yaml', manifest());
const rules = [
  { name: 'everyone', set: { image: 'spark:4', timeToLiveSeconds: 60, sparkConf: { 'spark.executor.memory': '2g' } } },
  {
    name: 'data',
    match: { namespaces: ['etl'], labels: { team: 'data' } },
    set: { serviceAccount: 'etl', labels: { cost: 'a' }, sparkConf: { 'spark.executor.memory': '4g', 'spark.x': 'z' } },
  },
];
const defaults = file('defaults.yaml', { rules });
const imageless = file('imageless.yaml', { rules: [{ name: 'labels', set: { labels: { a: 'b' } } }] });

describe('a manifest without an image', () => {
  it('is valid with a note, because a worker may set one', async () => {
    const { code, stdout, stderr } = await inProcess(['validate', bare]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${bare}: SparkApplication etl/pi is valid\n` });
    expect(stderr).toBe(`Note: ${bare}  spec.image  is missing; a default of the worker may set it\n`);
  });

  it('is valid with defaults that have one, without a note', async () => {
    const { code, stderr } = await inProcess(['validate', bare, '--defaults', defaults]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('is rejected with defaults that have none', async () => {
    const { code, stderr } = await inProcess(['validate', bare, '--defaults', imageless]);
    expect(code).toBe(2);
    expect(stderr).toContain(`spec.image  application etl/pi has no image`);
    expect(stderr).toContain(`(${imageless}) set none; rules that match it: "labels"`);
  });

  it('cannot be rendered without defaults', async () => {
    const { code, stdout, stderr } = await inProcess(['render', bare]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('have a default of the workers set it');
  });
});

describe('defaults on the command line', () => {
  it('are rendered, and each value is checked with its rule', async () => {
    const { code, stdout } = await inProcess(['render', bare, '--defaults', defaults]);
    expect(code).toBe(0);
    expect(stdout).toContain('image: spark:4');
    expect(stdout).toContain('serviceAccountName: etl');
    const wrong = file('wrong.yaml', {
      rules: [{ name: 'wrong', set: { image: 'a', sparkConf: { 'spark.driver.memory': 'much' } } }],
    });
    const refused = await inProcess(['validate', bare, '--defaults', wrong]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('set by rule "wrong" of the defaults');
  });

  it('must be a valid file', async () => {
    const broken = file('broken.yaml', { rules: [{ name: 'a', set: {} }] });
    for (const command of ['validate', 'render']) {
      const { code, stderr } = await inProcess([command, bare, '--defaults', broken]);
      expect(code).toBe(2);
      expect(stderr).toContain('The defaults configuration is not valid:');
      expect((await inProcess([command, bare, '--defaults', join(directory, 'none.yaml')])).stderr).toContain(
        'Cannot read the defaults',
      );
    }
  });
});

it('explains the source of each value', () => {
  const own = parseSparkApplication(
    manifest({
      driver: { memory: '512m', image: 'own:1' },
      executor: { instances: 3 },
      hadoopConf: { 'fs.defaultFS': 'hdfs://a' },
    }),
  );
  const team = new TeamDefaults(parseDefaults({ rules }));
  const decided = team.decide(own);
  const whole = withDefaults(own, decided);
  const text = explanation({ own, whole, decided, numberOf: (rule) => team.numberOf(rule) });
  expect(`${text}\n`).toBe(readFileSync(join(import.meta.dirname, 'explain.golden.txt'), 'utf8'));
});
