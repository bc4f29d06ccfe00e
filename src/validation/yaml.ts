import { isScalar, parseAllDocuments, Scalar, type Document } from 'yaml';
import { jsonStream } from './json-stream.ts';
import type { ManifestProblem, ProblemPath } from './problem.ts';
import { present } from './present.ts';
import { pathText } from './problems.ts';
import { inQuotes } from './wrong-type.ts';
import { kubernetesScalars } from './yaml-scalars.ts';
import { convertDocument, NodeFinder } from './yaml-value.ts';

/** One document of a YAML or JSON text. */
export interface YamlDocument {
  /** Counted from 1. */
  readonly index: number;
  readonly value: unknown;
  /** Where the value at a path begins (of its key, if `key`); for a missing one, where its parent begins. */
  positionOf(path: ProblemPath, key: boolean): Position;
  /** The plain scalar at a path as it is written, `0755` or `no`; undefined for anything else. */
  sourceOf(path: ProblemPath): string | undefined;
}

/** A cron expression that is not in quotes: to YAML `*` begins an alias, and `@` nothing. */
const BARE_CRON = /^ *(?:- )?[\w-]{1,99}: +((?:[*][/ ]|@)[^#"'\r]*[^#"'\s])\s*$/;

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem of the text, before the name of its file is known. */
export type TextProblem = Omit<ManifestProblem, 'file'>;

export interface YamlText {
  readonly documents: readonly YamlDocument[];
  /** Why documents cannot be read. */
  readonly problems: readonly TextProblem[];
  /** Keys that are set more than once: the last value counts. */
  readonly repeatedKeys: readonly TextProblem[];
}

export const REPEATED_KEY = 'repeated_key';

/**
 * Reads a text of YAML or JSON documents as kubectl does; those that cannot be read are problems. Empty documents are
 * left out.
 */
export function readYaml(text: string): YamlText {
  const documents: YamlDocument[] = [];
  const problems: TextProblem[] = [];
  const repeatedKeys: TextProblem[] = [];
  const positionAt = positions(text);

  const read = (document: Document.Parsed, index: number, base: number): void => {
    const refuse = (message: string, offset: number, path: ProblemPath = []): void => {
      const position = positionAt(base + offset);
      const place = { path, pathText: pathText(path), ...position };
      const [, bare] = BARE_CRON.exec(lineAt(text, base + offset - position.column + 1)) ?? [];
      const remedy = bare === undefined ? undefined : inQuotes(bare);
      problems.push({ document: index, ...place, code: 'unreadable', message, ...present({ remedy }) });
    };
    // What follows the first is mostly its consequence.
    const [error] = document.errors;
    if (error !== undefined) return refuse(error.message, error.pos[0]);
    if (document.contents === null) return;
    const converted = attempt(() => convertDocument(document));
    if ('error' in converted) return refuse(converted.error, document.range[0]);
    const { value, problems: found, repeatedKeys: repeated, aliases } = converted.value;
    const finder = new NodeFinder(document, aliases);
    for (const { message, offset, path } of found) refuse(message, offset, path);
    if (found.length > 0 || value === null) return;
    for (const { path, offset, firstOffset, message } of repeated) {
      const first = positionAt(base + firstOffset).line;
      repeatedKeys.push({
        ...{ document: index, path, pathText: pathText(path), ...positionAt(base + offset), code: REPEATED_KEY },
        message: `${message}: first in line ${first}, and the last value counts`,
        remedy: 'remove one of the two',
      });
    }
    documents.push({
      index,
      value,
      positionOf: (path, key) => {
        const { offset, keyOffset } = finder.at(path);
        return positionAt(base + (key ? keyOffset : offset));
      },
      sourceOf: (path) => plainSource(finder, path),
    });
  };

  let index = 0;
  for (const { start, end } of jsonStream(text) ?? [{ start: 0, end: text.length }]) {
    const parsed = attempt(() => parse(text.slice(start, end)));
    if ('value' in parsed) for (const document of parsed.value) read(document, ++index, start);
    else {
      problems.push({
        ...{ document: ++index, path: [], pathText: '', code: 'unreadable' },
        ...{ message: parsed.error, ...positionAt(start) },
      });
    }
  }
  return { documents, problems, repeatedKeys };
}

const parse = (text: string): Document.Parsed[] => [
  ...parseAllDocuments(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    customTags: (tags) => [...tags, ...kubernetesScalars],
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  }),
];

/** The library throws on nesting deeper than the stack, the conversion on endless aliases. */
function attempt<T>(read: () => T): { value: T } | { error: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof RangeError) return { error: 'is nested too deeply' };
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function plainSource(finder: NodeFinder, path: ProblemPath): string | undefined {
  const { node } = finder.at(path);
  return isScalar(node) && node.type === Scalar.PLAIN ? node.source : undefined;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end);
}

/** Finds line and column of an offset, both counted from 1. */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}
