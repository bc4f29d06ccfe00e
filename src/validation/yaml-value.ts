import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { ProblemPath } from './problem.ts';
import { setOwn } from './unknown-data.ts';

/** What the conversion of a document finds, with the place in the text. */
export interface Finding {
  readonly path: ProblemPath;
  readonly message: string;
  readonly offset: number;
}

export interface ConvertedDocument {
  readonly value: unknown;
  /** Why the document has no value. */
  readonly problems: readonly Finding[];
  /** Keys that a map sets more than once: the last value counts, as it does for kubectl. */
  readonly repeatedKeys: readonly (Finding & { readonly firstOffset: number })[];
  /** What each alias stands for. */
  readonly aliases: Aliases;
}

export type Aliases = ReadonlyMap<Alias, Node>;

// Limit for what aliases add to a document ("billion laughs").
const MAX_ALIASED_NODES = 100_000;

/** The value of a document as kubectl reads it: the last of equal keys counts, and `<<` sets keys where it stands. */
export function convertDocument(document: Document.Parsed): ConvertedDocument {
  const problems: Finding[] = [];
  const repeatedKeys: ConvertedDocument['repeatedKeys'][number][] = [];
  const open = new Map<unknown, object>();
  // The library looks for an anchor in the whole document; here each is known when its alias comes.
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  let aliasDepth = 0;
  let aliasedNodes = 0;

  function convert(node: unknown, path: ProblemPath): unknown {
    if (isAlias(node)) {
      const target = targetOf(node);
      if (target !== undefined) return resolveAlias(target, path);
      problems.push({
        path,
        offset: startOf(node) ?? 0,
        message: `refers to an anchor that is not set: ${node.source}`,
      });
      return null;
    }
    if (aliasDepth === 0 && (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
    if (isScalar(node)) return node.value;
    if (!isMap(node) && !isSeq(node)) return null;
    // An anchor whose content contains its own alias: the cycle is reported with the document's problems.
    const begun = open.get(node);
    if (begun !== undefined) return begun;
    if (aliasDepth > 0) aliasedNodes += node.items.length;
    if (aliasedNodes > MAX_ALIASED_NODES) throw new Error('expands to too many values by its aliases');
    const value: object = isMap(node) ? {} : [];
    open.set(node, value);
    if (isMap(node)) convertMap(node, path, value as Record<string, unknown>);
    else (value as unknown[]).push(...node.items.map((item, index) => convert(item, [...path, index])));
    open.delete(node);
    return value;
  }

  function targetOf(alias: Alias): Node | undefined {
    const known = aliases.get(alias) ?? anchors.get(alias.source);
    if (known !== undefined) aliases.set(alias, known);
    return known;
  }

  function resolveAlias(target: Node, path: ProblemPath): unknown {
    aliasDepth++;
    const value = convert(target, path);
    aliasDepth--;
    return value;
  }

  function convertMap(map: YAMLMap, path: ProblemPath, value: Record<string, unknown>): void {
    const seen = new Map<string, number>();
    for (const pair of map.items) {
      const offset = startOf(pair.key) ?? startOf(pair.value) ?? 0;
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        merge(pair.value, path, offset, value);
        continue;
      }
      const key = keyOf(pair.key);
      if (key === undefined) {
        problems.push({ path, offset, message: 'has a key that is not text: a list, a map, or nothing' });
        continue;
      }
      const firstOffset = seen.get(key);
      if (firstOffset !== undefined && aliasDepth === 0) {
        repeatedKeys.push({ path: [...path, key], offset, firstOffset, message: 'is set more than once' });
      }
      seen.set(key, offset);
      setOwn(value, key, convert(pair.value, [...path, key]));
    }
  }

  function merge(node: unknown, path: ProblemPath, offset: number, into: Record<string, unknown>): void {
    const source: unknown = isAlias(node) ? targetOf(node) : node;
    const maps = isSeq(source) ? source.items.toReversed() : [source];
    for (const each of maps) {
      const target: unknown = isAlias(each) ? targetOf(each) : each;
      if (!isMap(target)) {
        problems.push({ path: [...path, '<<'], offset, message: 'must be a map, an alias of one, or a list of those' });
        continue;
      }
      const merged = (isAlias(each) || isAlias(node) ? resolveAlias(target, path) : convert(target, path)) as Record<
        string,
        unknown
      >;
      for (const [key, value] of Object.entries(merged)) setOwn(into, key, value);
    }
  }

  return { value: convert(document.contents, []), problems, repeatedKeys, aliases };
}

/** The text that a key is in JSON; undefined where it has none. */
function keyOf(key: unknown): string | undefined {
  const value = isScalar(key) ? key.value : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** What stands at a path; of the last parent that is there where the path leads nowhere. */
export interface FoundNode {
  /** Absent where the path leads nowhere. */
  readonly node?: unknown;
  readonly offset: number;
  readonly keyOffset: number;
}

/** Finds where values stand in the text of a document. */
export class NodeFinder {
  private readonly contents: unknown;
  private readonly aliases: Aliases;
  /** The item of each key that counts, of the maps that were looked into. */
  private readonly maps = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor({ contents }: Document.Parsed, aliases: Aliases) {
    this.contents = contents;
    this.aliases = aliases;
  }

  at(path: ProblemPath): FoundNode {
    let node = this.resolved(this.contents);
    let offset = startOf(this.contents) ?? 0;
    let keyOffset = offset;
    for (const part of path) {
      const item = isMap(node) ? this.itemsOf(node).get(String(part)) : undefined;
      const next: unknown = isSeq(node) ? node.items[Number(part)] : item?.value;
      if (item === undefined && next === undefined) return { offset, keyOffset: offset };
      keyOffset = startOf(item?.key) ?? startOf(next) ?? offset;
      offset = startOf(next) ?? keyOffset;
      node = this.resolved(next);
    }
    return { node, offset, keyOffset };
  }

  private resolved(node: unknown): unknown {
    return isAlias(node) ? this.aliases.get(node) : node;
  }

  private itemsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.maps.get(map);
    if (known !== undefined) return known;
    // Of two with the same key the last counts.
    const items = new Map(map.items.map((pair) => [keyOf(pair.key) ?? '', pair] as const));
    this.maps.set(map, items);
    return items;
  }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
