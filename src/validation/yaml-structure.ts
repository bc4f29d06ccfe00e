import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Document, type Pair, type YAMLMap } from 'yaml';
import type { ProblemPath } from './problem.ts';

/** What is wrong with the nodes of a document. */
export interface StructureFault {
  readonly message: string;
  /** Characters from the beginning of the text. */
  readonly offset: number;
}

/** To resolve an alias, the library may look at every node: the product of both is bounded. */
const MAX_LOOKUPS = 5_000_000;

/** Keys that a map has twice, and aliases that are too many for the size of the document. */
export function structureFaults(contents: unknown): StructureFault[] {
  const faults: StructureFault[] = [];
  const pending: unknown[] = [contents];
  let nodes = 0;
  let aliases = 0;
  while (pending.length > 0) {
    const node = pending.pop();
    nodes += 1;
    if (isAlias(node)) aliases += 1;
    else if (isPair(node)) pending.push(node.value, node.key);
    else if (isMap(node) || isSeq(node)) {
      if (isMap(node)) faults.push(...repeatedKeys(node));
      for (const item of node.items) pending.push(item);
    }
  }
  if (aliases * nodes > MAX_LOOKUPS)
    faults.push({ offset: 0, message: `has too many aliases (${aliases}) for its size` });
  return faults.sort((a, b) => a.offset - b.offset);
}

function repeatedKeys({ items }: YAMLMap): StructureFault[] {
  const seen = new Set<unknown>();
  const faults: StructureFault[] = [];
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) faults.push({ offset: startOf(key) ?? 0, message: 'Map keys must be unique' });
    seen.add(key.value);
  }
  return faults;
}

/** Finds where values stand in the text of a document. */
export class NodeFinder {
  private readonly document: Document.Parsed;
  /** The first item of each key, of the maps that were looked into. */
  private readonly maps = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(document: Document.Parsed) {
    this.document = document;
  }

  /** Where the value at a path begins (of its key, if `ofKey`); for a missing one, where its parent begins. */
  offsetOf(path: ProblemPath, ofKey: boolean): number {
    let node: unknown = this.document.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, part] of path.entries()) {
      const container: unknown = isAlias(node) ? node.resolve(this.document) : node;
      if (isMap(container)) {
        const pair = this.itemsOf(container).get(String(part));
        if (!pair) break;
        const key = startOf(pair.key) ?? offset;
        node = pair.value;
        offset = ofKey && index === path.length - 1 ? key : (startOf(node) ?? key);
      } else if (isSeq(container)) {
        node = container.items[Number(part)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return offset;
  }

  private itemsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.maps.get(map);
    if (known !== undefined) return known;
    const named = map.items.map((pair) => [String(isScalar(pair.key) ? pair.key.value : pair.key), pair] as const);
    // Of two with the same key the first counts.
    const items = new Map(named.toReversed());
    this.maps.set(map, items);
    return items;
  }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
