import { describe, expect, it } from 'vitest';
import { toSvg } from '../../../src/cli/graph/svg.ts';
import { toDot, toMermaid } from '../../../src/cli/graph/text.ts';
import { pipelineGraph } from '../../../src/cli/graph/pipeline-graph.ts';
import type { SparkPipelineStatus, StageStatus } from '../../../src/protocol/index.ts';
import { inProcess } from '../../support/in-process-cli.ts';
import { pipelineOf, step } from '../../support/pipelines.ts';

const manifest = pipelineOf('etl', [
  step('extract', {}, { forEach: { range: { to: 3 } } }),
  step('quick'),
  step('load', {}, { dependsOn: ['extract', 'quick'] }),
  step('alert', {}, { dependsOn: [{ stage: 'load', condition: 'failed' }] }),
  step('tidy', {}, { always: true }),
]);

const at = (second: number): string => new Date(Date.UTC(2026, 10, 21, 3, 0, second)).toISOString();
const ended = (name: string, state: StageStatus['state'], from: number, to: number): StageStatus => ({
  name,
  state,
  startedAt: at(from),
  finishedAt: at(to),
  attempts: 1,
});
const status: SparkPipelineStatus = {
  state: 'FAILED',
  namespace: 'default',
  name: 'etl',
  run: 'x',
  parameters: {},
  scheduleTime: at(0),
  timeZone: 'UTC',
  startedAt: at(0),
  stages: [
    { ...ended('extract', 'SUCCEEDED', 0, 30), items: { total: 4, running: 0, succeeded: 4, failed: 0 } },
    ended('quick', 'SUCCEEDED', 0, 2),
    { ...ended('load', 'FAILED', 30, 45), attempts: 2 },
    { name: 'alert', state: 'SKIPPED' },
    ended('tidy', 'SUCCEEDED', 45, 46),
  ],
};

describe('the graph of a pipeline', () => {
  it('shows stages, what they run, conditions, and clean-up after all others', () => {
    expect(toMermaid(pipelineGraph(manifest)).split('\n').slice(0, 10)).toEqual([
      'flowchart LR',
      '  n0["extract<br>workflow × 4"]',
      '  n1["quick<br>workflow"]',
      '  n2["load<br>workflow"]',
      '  n3["alert<br>workflow"]',
      '  n4["tidy<br>workflow"]',
      '  n0 --> n2',
      '  n1 --> n2',
      '  n2 -->|"failed"| n3',
      '  n3 --> n4',
    ]);
  });

  it('shows the condition of a stage, and clean-up dashed', () => {
    const guarded = pipelineOf('etl', [
      step('score', {}, { when: 'params.threshold >=  0.5' }),
      step('tidy', {}, { always: true }),
      step('load', {}, { forEach: { items: '${{ params.regions }}' } }),
    ]);
    const [, score, tidy, load, ...rest] = toMermaid(pipelineGraph(guarded)).split('\n');
    expect([score, tidy, load]).toEqual([
      '  n0["score<br>workflow<br>if params.threshold #gt;= 0.5"]',
      '  n1["tidy<br>workflow"]',
      '  n2["load<br>workflow × n"]',
    ]);
    expect(rest).toContain('  style n1 fill:#f0f0f0,stroke-dasharray:5 5');
    expect(toDot(pipelineGraph(guarded))).toContain(
      '"tidy" [label="tidy\\nworkflow", fillcolor="#f0f0f0", style="rounded,filled,dashed"];',
    );
    expect(toSvg(pipelineGraph(guarded)).match(/stroke-dasharray/g)).toHaveLength(1);
  });

  it('of a run has states, durations and the path that made it last', () => {
    const { nodes, edges } = pipelineGraph(manifest, status);
    expect(nodes.filter(({ critical }) => critical).map(({ name }) => name)).toEqual(['extract', 'load']);
    expect(edges.filter(({ critical }) => critical)).toMatchObject([{ from: 'extract', to: 'load' }]);
    expect(nodes.map(({ facts }) => facts)).toEqual([
      'SUCCEEDED · 30 s · 4/4',
      'SUCCEEDED · 2 s',
      'FAILED · 15 s · 2 attempts',
      'SKIPPED',
      'SUCCEEDED · 1 s',
    ]);
    expect(toDot(pipelineGraph(manifest, status))).toContain('"extract" -> "load" [penwidth=3];');
  });

  it('is a picture in which every stage has its place and none lies on another', () => {
    const svg = toSvg(pipelineGraph(manifest, status));
    const boxes = [...svg.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map(
      ([, ...box]) => box.map(Number),
    );
    expect(boxes).toHaveLength(5);
    for (const [x, y, width, height] of boxes as [number, number, number, number][]) {
      const overlapping = (boxes as [number, number, number, number][]).filter(
        ([otherX, otherY, otherWidth, otherHeight]) =>
          otherX < x + width && x < otherX + otherWidth && otherY < y + height && y < otherY + otherHeight,
      );
      expect(overlapping).toHaveLength(1);
    }
    expect(svg).toContain('SUCCEEDED · 30 s · 4/4');
    expect(toSvg(pipelineGraph(pipelineOf('a<b', [step('x')])))).toContain('<title>a&lt;b</title>');
  });

  it('has names that are quoted in each format', () => {
    const hostile = { name: 'a"<b>&', nodes: [], edges: [] };
    const node = { ...pipelineGraph(pipelineOf('a', [step('x')])).nodes[0]!, name: '"];x[label="<script>' };
    expect(toDot({ ...hostile, nodes: [node] })).toContain('"\\"];x[label=\\"<script>" [label=');
    expect(toDot(hostile)).toContain('digraph "a\\"<b>&" {');
    expect(toMermaid({ ...hostile, nodes: [node] })).toContain('n0["#quot;];x[label=#quot;');
    expect(toSvg({ ...hostile, nodes: [{ ...node, name: 'x' }] })).toContain('<title>a&quot;&lt;b&gt;&amp;</title>');
  });

  it('is drawn by the command line from a file', async () => {
    const { code, stdout } = await inProcess(['graph', '-', '-o', 'dot'], { stdin: JSON.stringify(manifest) });
    expect(code).toBe(0);
    expect(stdout).toContain('digraph "etl" {');
    expect(await inProcess(['graph', '-'], { stdin: JSON.stringify(manifest) })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^<svg /) as string,
    });
    expect((await inProcess(['graph', 'examples/spark-pi.yaml'])).code).toBe(2);
  });
});
