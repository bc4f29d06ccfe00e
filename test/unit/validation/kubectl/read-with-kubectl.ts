import { spawnSync } from 'node:child_process';
import { jsonStream } from '../../../../src/validation/json-stream.ts';

/** What kubectl reads in a text. */
export interface KubectlReading {
  /** Those before the first that it rejects; of a list its items. */
  readonly documents: readonly unknown[];
  readonly error?: string;
}

/** Reads a text with kubectl, which needs no server for that. */
export function readWithKubectl(kubectl: string, text: string): KubectlReading {
  const command = ['patch', '--local', '-f', '-', '--type=merge', '-p', '{}', '-o', 'json'];
  const { stdout, stderr, error } = spawnSync(kubectl, command, { input: text, encoding: 'utf8' });
  if (error !== undefined) throw error;
  const parts = jsonStream(stdout) ?? (stdout.trim() === '' ? [] : [{ start: 0, end: stdout.length }]);
  const documents = parts.map(({ start, end }): unknown => JSON.parse(stdout.slice(start, end)));
  return { documents, ...(stderr === '' ? {} : { error: stderr.trim().split('\n')[0]! }) };
}
