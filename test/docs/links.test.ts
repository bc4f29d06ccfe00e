import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { crdPaths, stepsOf } from '../unit/manifest/crd.ts';
import { root } from '../support/build.ts';

const compatibility = readFileSync(join(root, 'docs', 'compatibility.md'), 'utf8');

/** Fields of Kubernetes' own types, which are accepted whole: what is below them has no row. */
const whole = new Set(
  [
    'affinity',
    'dnsConfig',
    'env',
    'envFrom',
    'hostAliases',
    'initContainers',
    'lifecycle',
    'podSecurityContext',
  ].concat(['securityContext', 'sidecars', 'template', 'tolerations', 'volumeMounts', 'volumes']),
);

/** The field of `spec` that a property belongs to: an item of a list of texts belongs to the list. */
function fieldOf(path: string): string {
  const steps = stepsOf(path).slice(1);
  const end = steps.findIndex((step) => whole.has(step));
  const field = end < 0 ? steps : steps.slice(0, end + 1);
  return field
    .join('.')
    .replaceAll('.[]', '[]')
    .replace(/(?:\[\]|\.\*)+$/, '');
}

const fieldsOf = (kind: keyof typeof crdPaths): string[] => [
  ...new Set(
    Object.keys(crdPaths[kind])
      .filter((path) => path.startsWith('spec.'))
      .filter((path) => kind === 'SparkApplication' || !path.startsWith('spec.template.'))
      .map(fieldOf),
  ),
];

/** The rows of the tables below a heading of the second level, cell by cell. */
function rowsBelow(heading: string): string[][] {
  const [, section] = compatibility.split(`\n## ${heading}\n`);
  return section!
    .split(/\n## /)[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe.each([
  ['Fields', 'SparkApplication'],
  ['Fields of a schedule', 'ScheduledSparkApplication'],
] as const)('docs/compatibility.md, %s', (heading, kind) => {
  const rows = rowsBelow(heading);
  const documented = rows.flatMap(([fields]) => [...fields!.matchAll(/`([^`]+)`/g)].map(([, field]) => field!));

  it('has one row for each field of the CRD, and no other', () => {
    expect(documented.toSorted()).toEqual(fieldsOf(kind).toSorted());
  });

  it('states what each does here', () => {
    expect(rows.filter(([, here, differs]) => !here || differs === undefined)).toEqual([]);
  });
});

test('each defect of the operator has our behaviour with it', () => {
  const [, section] = compatibility.split('\n## Defects of the operator that are not copied\n');
  const rows = section!
    .split(/\n## /)[0]!
    .split('\n')
    .filter((line) => /^\| (?!defect|-)/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows)
    expect(
      row
        .split('|')
        .slice(1, -1)
        .every((cell) => cell.trim() !== ''),
    ).toBe(true);
});

const documents = globSync(['*.md', 'docs/*.md', 'examples/*.md'], { cwd: root });

/** The anchors that GitHub makes of the headings of a document. */
const anchorsOf = (document: string): string[] =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

/** A file or folder of the project, also without its ending, as tests are named. */
const isInProject = (path: string): boolean =>
  globSync([path, `${path}.*`, `test/${path}.*`], { cwd: root }).length > 0;

test.each(documents)('%s names files that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const paths = [...text.matchAll(/`((?:src|lab|test|bench|scripts|docs|deploy|examples)\/[\w./-]*)`/g)];
  expect(paths.map(([, path]) => path!).filter((path) => !isInProject(path))).toEqual([]);
});

test.each(documents)('%s links to files and headings that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8').replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const broken = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    .map(([, file = '', anchor]) => ({ target: file === '' ? document : join(dirname(document), file), anchor }))
    .filter(({ target, anchor }) => {
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
  expect(broken).toEqual([]);
});
