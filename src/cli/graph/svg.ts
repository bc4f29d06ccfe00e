import * as dagre from '@dagrejs/dagre';
import type { PipelineGraph } from './pipeline-graph.ts';
import { labelOf } from './text.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The part of dagre's graph that is used; the position of a node is its centre. */
interface LayoutGraph {
  setGraph(settings: {
    readonly rankdir: 'LR';
    readonly nodesep: number;
    readonly ranksep: number;
    readonly marginx: number;
    readonly marginy: number;
  }): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(name: string, size: { readonly width: number; readonly height: number }): void;
  setEdge(from: string, to: string): void;
  graph(): { readonly width?: number; readonly height?: number };
  node(name: string): Point & { readonly width: number; readonly height: number };
  edge(from: string, to: string): { readonly points: readonly Point[] };
}

// The package's own types import each other without extensions, which Node's resolution does not follow.
const { Graph, layout } = dagre as unknown as {
  readonly Graph: new () => LayoutGraph;
  readonly layout: (graph: LayoutGraph) => void;
};

const LETTER = 7.5;
const LINE = 18;
const MARGIN = 16;

/** The graph as an SVG, from left to right; needs no fonts and no scripts. */
export function toSvg({ name, nodes, edges }: PipelineGraph): string {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) {
    const lines = labelOf(node);
    graph.setNode(node.name, {
      width: Math.max(...lines.map((line) => line.length)) * LETTER + 24,
      height: lines.length * LINE + 14,
    });
  }
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" font-family="Helvetica, Arial, sans-serif" font-size="13">`,
    `<title>${escape(name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z" fill="#555"/></marker></defs>',
    ...edges.map(({ from, to, label, critical }) => {
      const { points } = graph.edge(from, to);
      const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
      const middle = points[Math.floor(points.length / 2)]!;
      const line = `<path d="${path}" fill="none" stroke="#555" stroke-width="${critical ? 3 : 1.2}" marker-end="url(#arrow)"/>`;
      if (label === undefined) return line;
      return `${line}<text x="${round(middle.x)}" y="${round(middle.y - 5)}" text-anchor="middle" font-size="11" fill="#555">${escape(label)}</text>`;
    }),
    ...nodes.map((node) => {
      const { x, y, width, height } = graph.node(node.name);
      const lines = labelOf(node);
      const first = y - ((lines.length - 1) * LINE) / 2 + 4;
      return [
        `<g><rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="6" fill="${node.colour}" stroke="#333" stroke-width="${node.critical ? 3 : 1}"${node.isCleanUp ? ' stroke-dasharray="5 5"' : ''}/>`,
        ...lines.map(
          (line, index) =>
            `<text x="${round(x)}" y="${round(first + index * LINE)}" text-anchor="middle"${index === 0 ? ' font-weight="bold"' : ' font-size="11"'}>${escape(line)}</text>`,
        ),
        '</g>',
      ].join('');
    }),
    '</svg>',
  ].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
