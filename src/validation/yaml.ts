import { LineCounter, parseAllDocuments, type Tags } from 'yaml';
import type { ManifestProblem, ProblemPath } from './problem.ts';
import { NodeFinder, structureFaults } from './yaml-structure.ts';

/** One document of a YAML text. */
export interface YamlDocument {
  /** Counted from 1. */
  readonly index: number;
  readonly value: unknown;
  /** Where the value at a path begins (of its key, if `key`); for a missing one, where its parent begins. */
  positionOf(path: ProblemPath, key: boolean): Position;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Why a text is not YAML. */
type Unreadable = Omit<ManifestProblem, 'file'>;

// Limit for the expansion of aliases in one document ("billion laughs").
const MAX_ALIASES = 100;

/** Reads a text of YAML or JSON documents; those that cannot be read are problems. Empty documents are left out. */
export function readYaml(text: string): { documents: YamlDocument[]; problems: Unreadable[] } {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const problems: Unreadable[] = [];
  const refuse = (index: number, message: string, offset: number): void => {
    const about = { path: [], pathText: '', code: 'unreadable', message };
    problems.push({ document: index, ...about, ...positionAt(lines, offset) });
  };

  const parsed = attempt(() => [
    ...parseAllDocuments(text, {
      schema: 'yaml-1.1',
      customTags: likeKubectl,
      merge: true,
      prettyErrors: false,
      lineCounter: lines,
      // The library compares each key with each: structureFaults looks for repetitions.
      uniqueKeys: false,
    }),
  ]);
  if ('error' in parsed) refuse(1, parsed.error, 0);
  for (const [position, document] of ('value' in parsed ? parsed.value : []).entries()) {
    const index = position + 1;
    const faults = structureFaults(document.contents);
    for (const { pos, message } of document.errors) faults.push({ offset: pos[0], message });
    for (const { message, offset } of faults) refuse(index, message, offset);
    if (faults.length > 0 || document.contents === null) continue;
    const converted = attempt((): unknown => document.toJS({ maxAliasCount: MAX_ALIASES }));
    if ('error' in converted) refuse(index, converted.error, document.range?.[0] ?? 0);
    else if (converted.value !== null) {
      const finder = new NodeFinder(document);
      documents.push({
        index,
        value: converted.value,
        positionOf: (path, key) => positionAt(lines, finder.offsetOf(path, key)),
      });
    }
  }
  return { documents, problems };
}

/**
 * YAML as kubectl reads it: 1.1's `yes`, `0644` and `<<`, but no times, base-60 numbers, infinity or tagged
 * collections.
 */
function likeKubectl(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    if (tag.tag === 'tag:yaml.org,2002:float') return tag.format !== 'TIME' && !tag.test?.test('.inf');
    if (tag.tag === 'tag:yaml.org,2002:int') return tag.format !== 'TIME';
    return !/:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag);
  });
}

/** The library throws on endless aliases and on nesting deeper than the stack. */
function attempt<T>(read: () => T): { value: T } | { error: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof RangeError) return { error: 'is nested too deeply' };
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
