import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_TIMINGS } from '../../src/worker.ts';
import { presets } from '../../src/placement/presets.ts';
import { parsePlacement } from '../../src/placement/index.ts';
import { root } from '../support/build.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const deploy = read('docs/deploy.md');
const placement = read('docs/placement.md');
const chart = 'deploy/helm/temporal-spark';
const { appVersion } = parse(read(`${chart}/Chart.yaml`)) as { appVersion: string };

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}
const schema = JSON.parse(read(`${chart}/values.schema.json`)) as Schema;
const values = parse(read(`${chart}/values.yaml`)) as Record<string, unknown>;

/** Whether the schema has a value of that name, and `values.yaml` shows it; below a value of free form anything goes. */
function isValue(path: readonly string[]): boolean {
  let [of, shown]: [Schema | undefined, unknown] = [schema, values];
  for (const key of path) {
    if (of?.properties === undefined) return of !== undefined;
    [of, shown] = [of.properties[key], (shown as Record<string, unknown> | undefined)?.[key]];
    if (of === undefined || shown === undefined) return false;
  }
  return true;
}

function blocks(page: string, language: string): string[] {
  const fenced = new RegExp(`^ *\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, 'gm');
  return [...page.matchAll(fenced)].map(([, text]) => text!);
}

/** The commands of a page, as words; what is typed over several lines is one. */
const commandLines = (page: string): string[][] =>
  blocks(page, 'console')
    .flatMap((block) => block.replaceAll(/\\\n/g, ' ').split('\n'))
    .flatMap((line) => line.replace(/ #.*| +# .*$/, '').split(' | '))
    .map((line) => [...line.trim().matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!))
    .filter((words) => words.length > 0);

const commands = commandLines(deploy);

/** Paths of every leaf: `a.b.c`. */
function leaves(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[...path]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]));
}

describe('docs/deploy.md', () => {
  it('has each timing of a worker, with its default', () => {
    const [, section = ''] = /^### Timings\n([^]*?)^### /m.exec(deploy) ?? [];
    const rows = [...section.matchAll(/^\| `(\w+)` +\| ([\d ]+?) +\| \S/gm)];
    const documented = rows.map(([, name, value]) => [name, Number(value!.replaceAll(' ', ''))]);
    expect(Object.fromEntries(documented)).toEqual(DEFAULT_TIMINGS);
    expect(section.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it('sets values that the chart has', () => {
    const set = commands
      .filter(([command]) => command === 'helm')
      .flatMap((words) => words.filter((_, index) => /^--set/.test(words[index - 1] ?? '')))
      .map((text) => text.split('=')[0]!.split('.'));
    expect(set.length).toBeGreaterThan(5);
    const written = blocks(deploy, 'yaml').flatMap((block) => leaves(parse(block)));
    expect(written.length).toBeGreaterThan(5);
    const named = [...deploy.matchAll(/`([a-z]\w*(?:\.\w+)+)(?:: [^`]*)?`/gi)]
      .map(([, path]) => path!.split('.'))
      .filter(([first]) => Object.hasOwn(values, first!));
    expect(named.length).toBeGreaterThan(5);
    expect([...set, ...written, ...named].filter((path) => !isValue(path)).map((path) => path.join('.'))).toEqual([]);
  });

  it('names files that are there, and headings too', () => {
    const inCommands = commands.flat().filter((word) => /^(deploy|examples|docs)\//.test(word));
    const inText = [...deploy.matchAll(/`((?:deploy|examples|docs)\/[^`\s]+)`/g)].map(([, path]) => path!);
    expect(inCommands.length).toBeGreaterThan(3);
    expect([...inCommands, ...inText].filter((path) => !existsSync(join(root, path)))).toEqual([]);
    for (const [page, text] of [
      ['docs/deploy.md', deploy],
      ['docs/placement.md', placement],
    ] as const) {
      for (const [, link] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [file, anchor] = link!.split('#');
        const target = file === '' ? page : join(dirname(page), file!);
        expect(existsSync(join(root, target)), `${page}: ${link}`).toBe(true);
        if (anchor !== undefined) expect(anchors(read(target)), `${page}: ${link}`).toContain(anchor);
      }
    }
  });

  it('installs the version that this is', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(appVersion).toBe(version);
    expect(deploy).toContain(`docker build -t registry.example.com/temporal-spark:${version} .`);
  });
});

describe('docs/placement.md', () => {
  it('has a row for each preset, with the pools and profiles that it has', () => {
    const [, section] = placement.split('\n## Presets\n');
    const rows = section!
      .split('\n## ')[0]!
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const code = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    const cells = rows.map((row) => row.split('|').slice(1, -1));
    expect(cells.flatMap(([names]) => code(names!)).toSorted()).toEqual(Object.keys(presets).toSorted());
    for (const [names, , further, profiles] of cells) {
      for (const preset of code(names!) as (keyof typeof presets)[]) {
        const { pools, profiles: has } = presets[preset];
        const others = Object.keys(pools).filter((pool) => pool !== 'compute');
        expect(code(further!), preset).toEqual(expect.arrayContaining(others));
        expect(code(profiles!), preset).toEqual(Object.keys(has));
      }
    }
  });

  it('shows configurations that are accepted', () => {
    const shown = blocks(placement, 'yaml')
      .map((block) => parse(block) as object)
      .filter((written) => !('metadata' in written));
    expect(shown.length).toBeGreaterThan(1);
    for (const written of shown) expect(() => parsePlacement(written)).not.toThrow();
  });
});

/** As GitHub makes them of headings. */
const anchors = (page: string): string[] =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
