import type { PipelineGraph, GraphNode } from './pipeline-graph.ts';

/** The graph for Graphviz. */
export function toDot({ name, nodes, edges }: PipelineGraph): string {
  const id = (text: string): string => JSON.stringify(text);
  return [
    `digraph ${id(name)} {`,
    '  rankdir=LR;',
    '  node [shape=box, style="rounded,filled", fontname="Helvetica"];',
    ...nodes.map(
      (node) =>
        `  ${id(node.name)} [label=${id(labelOf(node).join('\n'))}, fillcolor="${node.colour}"${node.isCleanUp ? ', style="rounded,filled,dashed"' : ''}${node.critical ? ', penwidth=3' : ''}];`,
    ),
    ...edges.map(
      ({ from, to, label, critical }) =>
        `  ${id(from)} -> ${id(to)}${label === undefined && !critical ? '' : ` [${[label === undefined ? undefined : `label=${id(label)}`, critical ? 'penwidth=3' : undefined].filter(Boolean).join(', ')}]`};`,
    ),
    '}',
  ].join('\n');
}

/** The graph for Mermaid; GitHub renders it in a ```mermaid block. */
export function toMermaid({ nodes, edges }: PipelineGraph): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  // A label is HTML.
  const text = (...lines: readonly string[]): string =>
    `"${lines.map((line) => line.replaceAll(/["<>]/g, (character) => entities[character]!)).join('<br>')}"`;
  return [
    'flowchart LR',
    ...nodes.map((node) => `  ${ids.get(node.name)}[${text(...labelOf(node))}]`),
    ...edges.map(({ from, to, label, critical }) => {
      const arrow = critical ? '==>' : '-->';
      return `  ${ids.get(from)} ${arrow}${label === undefined ? '' : `|${text(label)}|`} ${ids.get(to)}`;
    }),
    ...nodes.map(
      ({ name, colour, critical, isCleanUp }) =>
        `  style ${ids.get(name)} fill:${colour}${isCleanUp ? ',stroke-dasharray:5 5' : ''}${critical ? ',stroke-width:3px' : ''}`,
    ),
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = { '"': '#quot;', '<': '#lt;', '>': '#gt;' };

/** Characters of a condition. */
const LIMIT = 60;

/** The lines of a node: its name, its facts and its condition. */
export function labelOf({ name, facts, condition }: GraphNode): string[] {
  const when = condition?.replaceAll(/\s+/g, ' ');
  const shown = when !== undefined && when.length > LIMIT ? `${when.slice(0, LIMIT - 1)}…` : when;
  return [name, facts, shown === undefined ? '' : `if ${shown}`].filter((line) => line !== '');
}
