import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { crdFile } from '../../scripts/crds.ts';
import { root } from '../support/build.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}

/** The fields of `status`, as paths; of a map only its own. */
function statusFields(file: string): string[] {
  const { spec } = parse(readFileSync(crdFile(file), 'utf8')) as Definition;
  const leaves = ({ properties }: Schema, path: string): string[] =>
    properties === undefined
      ? [path]
      : Object.entries(properties).flatMap(([name, below]) => leaves(below, path === '' ? name : `${path}.${name}`));
  return leaves(spec.versions[0]!.schema.openAPIV3Schema.properties!['status']!, '');
}

/** First cells of the table below a heading whose own first cell is this. */
function rowsOf(page: string, heading: string, first: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const [section = ''] = text.slice(text.indexOf(`\n## ${heading}\n`) + 1).split(/\n(?=## )/);
  const tables = section.split(/\n\n/).filter((block) => block.startsWith('|'));
  const rows = tables.map((table) => table.split('\n').map((line) => line.split('|')[1]!.trim()));
  return rows.find(([header]) => header === first)?.slice(2) ?? [];
}

const named = (rows: readonly string[]) => rows.map((row) => row.replaceAll('`', '')).sort();

describe('the documents compare with the operator', () => {
  it('each field of the status of a SparkApplication, one a row', () => {
    expect(named(rowsOf('operator.md', 'The status', 'field'))).toEqual(statusFields('sparkapplications.yaml').sort());
  });

  it('each field of the status of a ScheduledSparkApplication, one a row', () => {
    const rows = rowsOf('operator.md', 'Schedules', 'field of `status`');
    expect(named(rows)).toEqual(statusFields('scheduledsparkapplications.yaml').sort());
  });

  it("each command of the operator's documents", () => {
    const rows = named(rowsOf('from-kubeflow.md', 'Commands', 'with the operator'));
    const sparkctl = ['create', 'delete', 'event', 'forward', 'list', 'log', 'status'].map(
      (verb) => `sparkctl ${verb}`,
    );
    const kubectl = ['apply', 'delete', 'describe', 'edit', 'get'].map((verb) => `kubectl ${verb}`);
    const missing = [...sparkctl, ...kubectl].filter(
      (command) => !rows.some((row) => `${row} `.startsWith(`${command} `)),
    );
    expect(missing).toEqual([]);
  });
});
